"""How good the recommendations are, beside the baselines.

    bin/bench quality FOLDER                            a MovieLens folder as it is shipped
    bin/bench quality FOLDER --split quest --tests FILE...   given test files: user, item by line

ml-100k: a random 75/25 split of each movie's ratings. ml-latest-small: four temporal cuts,
pooled. With `--split quest`: ratings of 4 and more, 10-core, a fold for each file. Visitors:
every fifth user is held out whole, names some movies, and should get the other liked ones.

For now the models are measured in memory, the visitors' with packed weights; not yet what a run
published.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.quality_data import Dataset, core, read_folder, read_pairs
from spark_jobs.evaluation import baselines, metrics, splits
from spark_jobs.evaluation.report import SystemReport, system_report
from spark_jobs.model import item_model, visitor_model

TRAIN_SHARE = 0.75
CUTS = (0.6, 0.7, 0.8, 0.9)
PICKS = (1, 3, 5, 10)
SEED = 42
FOLD = 5

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """Ratings to learn from and to test with, (users, movies), and the movies' genres."""

    train: sparse.csr_array
    test: sparse.csr_array
    genres: NDArray[np.float64]


def main() -> None:
    options = parse_options()
    data = read_folder(options.folder)
    print(f"{data.name}: models in memory, hyper-parameters by rule, full ranking, @10")
    found = list(quest_splits(data, options.tests) if options.split else folder_splits(data))
    print_table(compare(found))
    print_visitors(data)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="ml-100k, ml-1m or ml-latest-small")
    parser.add_argument("--split", choices=["quest"], help="instead of the folder's own split")
    parser.add_argument("--tests", type=Path, nargs="+", default=[], help="a file for each fold")
    options = parser.parse_args()
    if bool(options.split) != bool(options.tests):
        parser.error("--split quest and --tests FILE... go together")
    return options


def folder_splits(data: Dataset) -> Iterator[Split]:
    if data.name == "ml-latest-small":
        return (split_at(data, splits.temporal_test(data.rated_at, cut)) for cut in CUTS)
    test = splits.random_test_by_movie(data.movie_index, TRAIN_SHARE, SEED)
    return iter([split_at(data, test)])


def quest_splits(data: Dataset, tests: Iterable[Path]) -> Iterator[Split]:
    liked = core(data.where(data.stars >= 4), 10)
    for path in tests:
        yield split_at(liked, np.isin(liked.pairs(), read_pairs(path, liked)))


def split_at(data: Dataset, test: NDArray[np.bool_]) -> Split:
    """A rating tests only a user whom the training data knows."""
    train = data.where(~test).matrix()
    known = np.diff(train.indptr) > 0
    tested = data.where(test & known[data.user_index]).matrix()
    return Split(train, tested, data.genres)


def personal(split: Split, *, genres: bool) -> Scores:
    """The item model's scores; movies with too little support get none."""
    config = item_model.ItemModelConfig()
    kept = item_model.kept_movies(item_model.support(split.train), config)
    used = split.genres[kept] if genres else None
    x, weights = item_model.fit_ratings(split.train[:, kept], used, config)
    scores = np.full(split.train.shape, -np.inf)
    scores[:, kept] = x @ weights
    return scores


SYSTEMS: dict[str, Callable[[Split], Scores]] = {
    "popularity": lambda split: baselines.popularity(split.train),
    "item cosine": lambda split: baselines.item_cosine(split.train),
    "EASE": lambda split: baselines.ease(split.train),
    "item model, no genres": lambda split: personal(split, genres=False),
    "item model": lambda split: personal(split, genres=True),
}


def compare(found: list[Split]) -> list[SystemReport]:
    return [pooled_report(name, scores, found) for name, scores in SYSTEMS.items()]


def pooled_report(name: str, scores: Callable[[Split], Scores], found: list[Split]) -> SystemReport:
    """All splits' users together; a user of two splits counts twice."""
    lists = np.vstack([metrics.top_lists(scores(split), split.train) for split in found])
    relevant = sparse.vstack([split.test for split in found], format="csr")
    counts = item_model.support(found[-1].train)
    return system_report(name, lists, relevant, counts)


def print_table(reports: list[SystemReport]) -> None:
    print(
        f"{'':22} users   nDCG  (90 % interval)  precision  recall    MAP  titles  novelty   Gini"
    )
    for report in reports:
        ndcg, lists = report.metrics["ndcg"], report.lists
        interval = f"({ndcg.lower:.4f}-{ndcg.upper:.4f})"
        print(
            f"{report.name:22} {report.users:5}  {ndcg.mean:.4f} {interval}"
            f"  {report.metrics['precision'].mean:9.4f}  {report.metrics['recall'].mean:.4f}"
            f"  {report.metrics['average_precision'].mean:.4f}  {lists.titles:6}"
            f"  {lists.novelty:7.2f}  {lists.gini:.3f}"
        )


def print_visitors(data: Dataset) -> None:
    """nDCG@10 by number of picks, of users whom no model has seen."""
    liked = visitor_model.likes(data.matrix(), visitor_model.VisitorModelConfig())
    visitors = np.arange(liked.shape[0]) % FOLD == 0
    train = liked[~visitors]
    systems = visitor_systems(train)
    print(f"\n{'visitors, nDCG by picks':26}" + "".join(f"{picks:8}" for picks in PICKS))
    for name, score in systems.items():
        values = [visitor_ndcg(score, liked[visitors], picks) for picks in PICKS]
        print(f"{name:26}" + "".join(f"{value:8.4f}" for value in values))


def visitor_systems(
    train: sparse.csr_array,
) -> dict[str, Callable[[sparse.csr_array, int], Scores]]:
    counts = item_model.support(train)
    ease = baselines.ease_weights(train)
    full = visitor_model.fit_likes(train, visitor_model.VisitorModelConfig())
    packed = visitor_model.published_weights(full)
    factors = {
        p: item_model.damping_factors(counts, visitor_model.popularity_exponent(p)) for p in PICKS
    }
    return {
        "popularity": lambda x, _: np.tile(counts.astype(np.float64), (x.shape[0], 1)),
        "EASE on likes": lambda x, _: np.asarray(x @ ease, np.float64),
        "visitor model, unpacked": lambda x, picks: np.asarray((x @ full) * factors[picks]),
        "visitor model, packed": lambda x, picks: np.asarray(
            (x @ packed).toarray() * factors[picks]
        ),
    }


def visitor_ndcg(
    score: Callable[[sparse.csr_array, int], Scores], liked: sparse.csr_array, picks: int
) -> float:
    named, rest = pick(liked[np.diff(liked.indptr) > picks], picks)
    lists = metrics.top_lists(score(named, picks), named)
    return float(metrics.user_metrics(lists, rest).ndcg.mean())


def pick(liked: sparse.csr_array, picks: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Some likes of each user at random, and the others."""
    generator = np.random.default_rng(SEED)
    users = np.repeat(np.arange(liked.shape[0]), np.diff(liked.indptr))
    order = np.lexsort((generator.random(liked.nnz), users))
    named = np.empty(liked.nnz, np.bool_)
    named[order] = (
        np.arange(liked.nnz) - np.repeat(liked.indptr[:-1], np.diff(liked.indptr)) < picks
    )
    return _only(liked, users, named), _only(liked, users, ~named)


def _only(
    liked: sparse.csr_array, users: NDArray[np.int64], kept: NDArray[np.bool_]
) -> sparse.csr_array:
    return splits.matrix(users[kept], liked.indices[kept], liked.data[kept], liked.shape)


if __name__ == "__main__":
    main()
