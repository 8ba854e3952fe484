"""How the score of a movie came about."""

from dataclasses import dataclass

from app.catalogue.catalogue import Catalogue
from app.catalogue.columns import value
from app.catalogue.movies.standings import genre_standings


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """weighted_rating = (n R + m C) / (n + m), the posterior mean of a normal-normal model."""

    n: int
    """Ratings of the movie."""
    R: float
    """Mean of those ratings, in stars."""
    C: float
    """Prior mean: the mean of all ratings, in stars."""
    m: float
    """Prior weight, in ratings."""
    weight: float
    """n / (n + m): how much the movie's own ratings count."""
    weighted_rating: float
    lower_bound: float | None
    """Of its 90% interval; null if the run has none."""
    upper_bound: float | None
    trend: float | None
    """Its ratings, each counting 2^-(its age in months / half-life)."""
    rank: int | None
    previous_run: int | None
    """The kept run before this one."""
    previous_rank: int | None
    rank_change: int | None
    """Places gained since that run; negative if lost."""
    genre_ranks: dict[str, int]
    """Genre -> its rank among the ranked movies of the genre; empty without a rank."""


def explain(catalogue: Catalogue, row: int) -> Explanation | None:
    """The terms of the weighted rating and how the rank changed; None without ratings."""
    columns, run = catalogue.columns, catalogue.run
    if not columns.is_rated(row):
        return None
    n, m = columns.rating_count[row], run.prior_weight
    rank, previous_rank = value(columns.rank[row]), value(columns.previous_rank[row])
    genres = genre_standings(catalogue, row)
    return Explanation(
        n=n,
        R=columns.avg_rating[row],
        C=run.prior_mean,
        m=m,
        weight=n / (n + m),
        weighted_rating=columns.weighted_rating[row],
        lower_bound=value(columns.lower_bound[row]),
        upper_bound=value(columns.upper_bound[row]),
        trend=value(columns.trend[row]),
        rank=rank,
        previous_run=catalogue.previous_run,
        previous_rank=previous_rank,
        rank_change=previous_rank - rank if previous_rank and rank else None,
        genre_ranks={name: one.rank for name, one in genres.items() if one},
    )
