"""How good a run's recommendations are, and what they are made with, as the job measured them.

The job writes both as JSON; these are their shapes. docs/performance.md explains the figures.
"""

from typing_extensions import TypedDict  # pydantic wants it, up to Python 3.12


class Estimate(TypedDict):
    """A mean over users, and its 90% bootstrap interval."""

    mean: float
    lower: float
    upper: float


class UserMetrics(TypedDict):
    """At 10, over all movies."""

    ndcg: Estimate
    precision: Estimate
    recall: Estimate
    average_precision: Estimate


class ListMetrics(TypedDict):
    """Of all lists together. Novelty is in bits: a movie that half of the users know has one."""

    coverage: float
    titles: int
    novelty: float
    gini: float


class SystemQuality(TypedDict):
    """A way to recommend, tested with `users` users."""

    name: str
    users: int
    metrics: UserMetrics
    lists: ListMetrics


class SplitQuality(TypedDict):
    """All systems, trained with `train` ratings and tested with `test`."""

    train: int
    test: int
    systems: list[SystemQuality]


class VisitorQuality(TypedDict):
    """nDCG@10 by the number of movies that a visitor names."""

    name: str
    users: int
    ndcg: dict[str, Estimate]


class RatingQuality(TypedDict):
    """Of movies with `least` to `most` ratings: errors in stars, and how often the interval holds.

    Keyed by predictor: `mean` is the movie's own mean, `weighted` the run's weighted rating,
    `estimated` the weighted rating with the prior weight estimated from the data.
    """

    least: int
    most: int | None
    movies: int
    ratings: int
    rmse: dict[str, float]
    coverage: dict[str, float]


class Evaluation(TypedDict):
    """Runs of the same `protocol` can be compared; `splits` are `temporal` and `random`."""

    protocol: int
    k: int
    users: int
    ratings: int
    is_sample: bool
    splits: dict[str, SplitQuality]
    visitors: list[VisitorQuality]
    rating_buckets: list[RatingQuality]


class TrendSettings(TypedDict):
    """The half-life with which trends are computed (null: none, all ratings count alike), and
    the month up to which they are, such as 2018-09."""

    half_life_months: float | None
    newest_month: str


class FittedModels(TypedDict):
    """The settings of each model and its number of movies; `users` is how many have lists."""

    packing: int
    items: dict[str, float | None] | None
    visitors: dict[str, float | None]
    similar: dict[str, float | None]
    users: int
