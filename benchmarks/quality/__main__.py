"""The quality of a run's published recommendations, compared with the baselines.

    bin/bench quality FOLDER                            a MovieLens folder as distributed
    bin/bench quality FOLDER --split quest --tests FILE...   given test files: user, item by line

ml-100k, ml-1m: a random 75/25 split of each movie's ratings. ml-latest-small: four temporal cuts,
pooled. With `--split quest`: ratings of 4 and more, 10-core, a fold for each file. Visitors:
every fifth user is held out entirely, names some movies, and should get the other liked ones.

For each split, and for the visitors, the job runs with its defaults on the training part only;
the lists and weights are those in its tables. The baselines, and the same model in memory for
comparison, are the evaluation's own; Spark's ALS is fitted on request and not tuned.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.quality.als import als
from benchmarks.quality.data import Dataset, read_folder
from benchmarks.quality.published import publish
from benchmarks.quality.splits import SEED, Split, folder_splits, quest_splits
from spark_jobs.evaluation import baselines, metrics
from spark_jobs.evaluation.list_quality import lists
from spark_jobs.evaluation.report import SystemReport, system_report
from spark_jobs.evaluation.sample import Sample
from spark_jobs.evaluation.systems import RankingParameters, systems
from spark_jobs.evaluation.visitors import FOLD, PICKS, pick
from spark_jobs.model.recommendations.config import ItemModelConfig, VisitorModelConfig
from spark_jobs.model.recommendations.item_model import damping_factors, support
from spark_jobs.model.recommendations.visitor_model import likes, popularity_exponent

RANKING = RankingParameters(prior_weight=50, min_ratings=50)

Scores = NDArray[np.float64]
VisitorScore = Callable[[sparse.csr_array, int], Scores]


def main() -> None:
    options = parse_options()
    data = read_folder(options.folder)
    print(f"{data.name}: as published by a run with the defaults, full ranking, @10", flush=True)
    found = (
        quest_splits(data, options.tests) if options.split else folder_splits(data, options.seed)
    )
    print_table(compare(list(found), with_als=options.als))
    print_visitors(data)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/bench quality", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("folder", type=Path, help="ml-100k, ml-1m or ml-latest-small")
    parser.add_argument("--split", choices=["quest"], help="instead of the folder's own split")
    parser.add_argument("--tests", type=Path, nargs="+", default=[], help="a file for each fold")
    parser.add_argument("--als", action="store_true", help="compare with Spark's implicit ALS, too")
    parser.add_argument(
        "--seed", type=int, default=SEED, help="seed of the random split (default: 42)"
    )
    options = parser.parse_args()
    if bool(options.split) != bool(options.tests):
        parser.error("--split quest and --tests FILE... go together")
    return options


def compare(found: list[Split], *, with_als: bool = False) -> list[SystemReport]:
    """Compare over the users of all splits; a user in two splits counts twice."""
    by_split = [all_lists(split, with_als=with_als) for split in found]
    relevant = sparse.vstack([split.test[split.users] for split in found], format="csr")
    last = found[-1].train
    counts, users = support(last.matrix()), len(last.user_ids)
    return [
        system_report(name, np.vstack([of[name] for of in by_split]), relevant, counts, users)
        for name in by_split[0]
    ]


def all_lists(split: Split, *, with_als: bool) -> dict[str, metrics.Lists]:
    """System -> its lists for the tested users."""
    train, users = sample(split.train), split.users
    published = publish(split.train)
    print(f"the job on {len(train):,} ratings: {published.seconds}", flush=True)
    found = {"published": published.lists[users]}
    known = systems(train, ItemModelConfig(), RANKING, has_times=True)
    for name, score in known.items():
        shown = "the same in memory" if name == "personal" else name.replace("_", " ")
        found[shown] = lists(score, train, users)
    if with_als:
        found["ALS"] = metrics.top_lists(als(train.matrix)[users], train.matrix[users])
    return found


def sample(data: Dataset) -> Sample:
    return Sample(
        data.user_index, data.movie_index, data.stars, data.rated_at,
        len(data.user_ids), data.genres,
    )  # fmt: skip


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
    """Print nDCG@10 by number of picks, of users that no model has seen."""
    held_out = np.arange(len(data.user_ids)) % FOLD == 0
    liked = likes(data.matrix(), VisitorModelConfig())[held_out]
    known = visitor_systems(data.where(~held_out[data.user_index]))
    print(f"\n{'visitors, nDCG by picks':22}" + "".join(f"{picks:8}" for picks in PICKS))
    for name, score in known.items():
        values = [visitor_ndcg(score, liked, picks) for picks in PICKS]
        print(f"{name:22}" + "".join(f"{value:8.4f}" for value in values))


def visitor_systems(train: Dataset) -> dict[str, VisitorScore]:
    liked = likes(train.matrix(), VisitorModelConfig())
    counts = support(liked)
    weights = publish(train, "--users", "none").weights
    ease = baselines.ease_weights(baselines.together(liked))
    factors = {picks: damping_factors(counts, popularity_exponent(picks)) for picks in PICKS}
    return {
        "published": lambda named, picks: np.asarray((named @ weights).toarray() * factors[picks]),
        "ease": lambda named, _: np.asarray(named @ ease, np.float64),
        "popularity": lambda named, _: np.tile(counts.astype(np.float64), (named.shape[0], 1)),
    }


def visitor_ndcg(score: VisitorScore, liked: sparse.csr_array, picks: int) -> float:
    """The nDCG of visitors with more likes than they name."""
    named, rest = pick(liked[np.diff(liked.indptr) > picks], picks)
    found = metrics.top_lists(score(named, picks), named)
    return float(metrics.user_metrics(found, rest).ndcg.mean())


if __name__ == "__main__":
    main()
