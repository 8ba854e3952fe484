"""The weighted rating and the ranking.

weighted = (n R + m C) / (n + m)

R is the movie's mean rating over n ratings, C the prior mean, m the prior weight in
ratings: a movie with few ratings is drawn towards C, by the weight m / (n + m).

Source: the Bayesian average, which IMDb publishes for its Top 250. It is the posterior mean of a
normal-normal model (Gelman et al., Bayesian Data Analysis, 3rd edition, section 2.5), with m the
variance within movies over the variance between them.
"""

from typing import TypedDict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from spark_jobs.contract import HALF_STAR_COLUMNS, HALF_STARS
from spark_jobs.model.aggregation.counts import NEVER, Counts

TIME = pa.timestamp("s", "UTC")


class TopMovie(TypedDict):
    """A movie at the top of the ranking, for display."""

    rank: int
    movie_id: int
    title: str
    year: int | None
    rating_count: int
    avg_rating: float
    weighted_rating: float


def rank(
    movie_ids: NDArray[np.int32],
    counts: Counts,
    *,
    prior_mean: float,
    prior_weight: float,
    min_ratings: int,
    has_times: bool = True,
) -> pa.Table:
    """One row per rated movie; `last_rated_at` is in UTC, and null without `has_times`.

    `counts` has a row for each of the ids, `prior_mean` is in stars, `prior_weight` in
    ratings. Movies with fewer than `min_ratings` ratings get no rank. Ties go to the movie with
    more ratings, then to the lower id, so the order is total.
    """
    rated = counts.last_rated_at != NEVER
    movie_ids, by_stars = movie_ids[rated], counts.half_stars[rated]
    n, half_stars = by_stars.sum(axis=1), by_stars @ np.array(HALF_STARS)
    weighted = weighted_rating(half_stars, n, prior_mean, prior_weight)
    eligible = n >= min_ratings
    places = _places(eligible, weighted, n, movie_ids)
    return pa.table(
        {
            "movie_id": pa.array(movie_ids, pa.int32()),
            **_half_star_counts(by_stars),
            "rating_count": pa.array(n, pa.int32()),
            "avg_rating": half_stars / (2 * n),
            "weighted_rating": weighted,
            "rank": pa.array(places, pa.int32(), mask=~eligible),
            "last_rated_at": _times(counts.last_rated_at[rated], has_times),
        }
    )


def weighted_rating(
    half_stars: NDArray[np.int64], n: NDArray[np.int64], prior_mean: float, prior_weight: float
) -> NDArray[np.float64]:
    """(n R + m C) / (n + m), in stars. n R is half the integer sum: exact until the division."""
    return (half_stars / 2 + prior_weight * prior_mean) / (n + prior_weight)


def top(ranked: pa.Table, movies: pa.Table, *, limit: int) -> list[TopMovie]:
    """The best `limit` movies, best first."""
    head = ranked.filter(pc.field("rank") <= limit)
    named = head.join(movies.select(["movie_id", "title", "year"]), "movie_id", join_type="inner")
    columns = list(TopMovie.__annotations__)
    rows: list[TopMovie] = named.sort_by("rank").select(columns).to_pylist()
    return rows


def _half_star_counts(by_stars: NDArray[np.int64]) -> dict[str, pa.Array]:
    columns = zip(HALF_STAR_COLUMNS, by_stars.T, strict=True)
    return {name: pa.array(counts, pa.int32()) for name, counts in columns}


def _times(seconds: NDArray[np.int64], has_times: bool) -> pa.Array:
    if not has_times:
        return pa.nulls(len(seconds), TIME)
    return pa.array(seconds, TIME)


def _places(
    eligible: NDArray[np.bool_],
    weighted: NDArray[np.float64],
    n: NDArray[np.int64],
    movie_ids: NDArray[np.int32],
) -> NDArray[np.int64]:
    """1 for the best of the eligible, 2 for the next; meaningless for the others."""
    order = np.lexsort((movie_ids, -n, -weighted, ~eligible))
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(1, len(order) + 1)
    return places
