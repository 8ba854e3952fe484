"""How good a run's recommendations and ratings are, measured on its own data.

The methods and settings of the published run learn from part of the ratings and are tested on
the rest: once on the future (a global temporal split), once on a random quarter of each movie's
ratings, like most published figures. The same data, code and parameters give the same figures.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from spark_jobs.evaluation.list_quality import SplitReport, split_report
from spark_jobs.evaluation.metrics import K
from spark_jobs.evaluation.rating_quality import RatingBucket, rating_buckets
from spark_jobs.evaluation.sample import Sample
from spark_jobs.evaluation.splits import random_test_by_movie, temporal_test
from spark_jobs.evaluation.systems import RankingParameters
from spark_jobs.evaluation.visitors import VisitorReport, visitor_reports
from spark_jobs.model.recommendations.config import ModelConfig

PROTOCOL = 1
"""Version of what is measured: runs of different protocols are not compared."""
TEMPORAL_SHARE = 0.8
RANDOM_SHARE = 0.75
SEED = 42


@dataclass(frozen=True)
class Evaluation:
    """`splits` by name, `temporal` and `random`; the former only if ratings have times."""

    users: int
    ratings: int
    is_sample: bool
    splits: dict[str, SplitReport]
    visitors: list[VisitorReport]
    rating_buckets: list[RatingBucket]

    def lines(self) -> Iterator[str]:
        """One line per split, for the console."""
        for name, report in self.splits.items():
            scores = (f"{one.name} {one.metrics['ndcg'].mean:.3f}" for one in report.systems)
            yield f"nDCG@{K}, {name} split: {', '.join(scores)}"

    def as_json(self) -> dict[str, Any]:
        """The evaluation as `app_run.evaluation` stores it."""
        return {"protocol": PROTOCOL, "k": K, **asdict(self)}


def evaluate(
    sample: Sample,
    config: ModelConfig,
    ranking: RankingParameters,
    *,
    has_times: bool,
    is_sample: bool = False,
) -> Evaluation:
    """Compute all figures; those without data are omitted."""
    at_random = random_test_by_movie(sample.movie_index, RANDOM_SHARE, SEED)
    tests = {"temporal": temporal_test(sample.rated_at, TEMPORAL_SHARE)} if has_times else {}
    tests["random"] = at_random
    weights = {"weighted": ranking.prior_weight, "estimated": None}
    return Evaluation(
        users=sample.users,
        ratings=len(sample),
        is_sample=is_sample,
        splits={
            name: split_report(sample, test, config.items, ranking, has_times=has_times)
            for name, test in tests.items()
            if test.any() and not test.all()
        },
        visitors=visitor_reports(sample.matrix, config.items, config.visitors),
        rating_buckets=rating_buckets(sample, at_random, weights),
    )
