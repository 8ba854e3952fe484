"""Everything that follows from the movies' counts: rank, interval, trend, months."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs import contract
from spark_jobs.model.aggregation.counts import NEVER, Counts
from spark_jobs.model.packing import pack_rows
from spark_jobs.model.ranking.interval import interval
from spark_jobs.model.ranking.prior_weight import PriorWeight, prior_weight
from spark_jobs.model.ranking.trending import choose_half_life, decayed_support
from spark_jobs.model.ranking.weighted_rating import rank


@dataclass(frozen=True)
class Trending:
    """The half-life that trends were computed with, and the newest month, such as 2018-09."""

    half_life_months: float
    newest_month: str

    def facts(self) -> dict[str, Any]:
        """The facts for JSON, with null for infinity, which JSON does not have."""
        half_life = self.half_life_months if math.isfinite(self.half_life_months) else None
        return {"half_life_months": half_life, "newest_month": self.newest_month}


@dataclass(frozen=True)
class Ranking:
    """A row for each rated movie, and the estimates; `trending` is None without times."""

    rows: pa.Table
    prior: PriorWeight
    trending: Trending | None

    @property
    def movies_ranked(self) -> int:
        """The number of movies with a rank."""
        return int(self.rows.num_rows - self.rows["rank"].null_count)

    def facts(self) -> dict[str, Any]:
        """The estimates, as stored with the run."""
        return {
            "prior_weight_estimated": self.prior.estimated,
            "within_variance": self.prior.within_variance,
            "trending": self.trending and self.trending.facts(),
        }


def make_ranking(
    movie_ids: NDArray[np.int32],
    counts: Counts,
    *,
    prior_mean: float,
    given_weight: float | None,
    min_ratings: int,
    has_times: bool = True,
) -> Ranking:
    """Like `rank`; without a `given_weight` the prior weight is estimated from the data."""
    prior = prior_weight(counts.half_stars, given=given_weight)
    rows = rank(
        movie_ids,
        counts,
        prior_mean=prior_mean,
        prior_weight=prior.weight,
        min_ratings=min_ratings,
        has_times=has_times,
    )
    trending, trends = _trends(counts, has_times)
    for name, column in {**_bounds(rows, prior), **trends}.items():
        rows = rows.append_column(name, column)
    return Ranking(rows, prior, trending)


def _bounds(rows: pa.Table, prior: PriorWeight) -> dict[str, pa.Array]:
    """The interval, null if the variance within movies cannot be estimated."""
    if prior.within_variance is None:
        return dict.fromkeys(("lower_bound", "upper_bound"), pa.nulls(rows.num_rows, pa.float64()))
    weighted, n = rows["weighted_rating"].to_numpy(), rows["rating_count"].to_numpy()
    found = interval(weighted, n, within_variance=prior.within_variance, prior_weight=prior.weight)
    return {"lower_bound": pa.array(found.lower), "upper_bound": pa.array(found.upper)}


def _trends(counts: Counts, has_times: bool) -> tuple[Trending | None, dict[str, pa.Array]]:
    """Trends and months, null if ratings have no times."""
    by_movie, is_rated = counts.months.settle(), counts.last_rated_at != NEVER
    if not has_times or not len(by_movie.months):
        rows = int(is_rated.sum())
        return None, {"trend": pa.nulls(rows, pa.float64()), "months": pa.nulls(rows, pa.binary())}
    oldest, newest = int(by_movie.months.min()), int(by_movie.months.max())
    # A movie without ratings has no entries, so those of the others follow one another.
    starts = np.append(by_movie.starts[:-1][is_rated], by_movie.starts[-1])
    entries = (by_movie.ratings, by_movie.months - oldest, starts)
    by_month = sparse.csr_array(
        tuple(column.astype(np.int32) for column in entries),
        shape=(len(starts) - 1, newest - oldest + 1),
    )
    half_life = choose_half_life(by_month).months
    trend = decayed_support(by_month, half_life)
    months = pack_rows((by_movie.months, by_movie.ratings), starts, contract.MONTHS)
    trending = Trending(half_life, str(np.datetime64(newest, "M")))
    return trending, {"trend": pa.array(trend), "months": pa.array(months, pa.binary())}
