"""One pass over the ratings. Behind this step nobody sees a rating, only counts.

The ten half-star counts of a movie are its sufficient statistic: number, mean, variance,
interval and histogram follow from them.
"""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.contract import HALF_STARS, half_star_column

COUNT_COLUMNS = [half_star_column(k) for k in HALF_STARS]


def tally(ratings: DataFrame) -> DataFrame:
    """(reason, movie_id, rows, half_stars_1..10, last_rated_at): both verdicts in one pass.

    Accepted ratings have no reason and a movie, rejected ones a reason and no movie.
    """
    counts = [F.expr(f"count_if(half_stars = {k})").alias(half_star_column(k)) for k in HALF_STARS]
    return ratings.groupBy("reason", "movie_id").agg(
        F.count("*").alias("rows"), *counts, F.max("rated_at").alias("last_rated_at")
    )


def half_star_counts(tallies: DataFrame) -> DataFrame:
    """(movie_id, half_stars_1..10, last_rated_at) of every rated movie."""
    of_movies = tallies.where(F.col("reason").isNull())
    return of_movies.select("movie_id", *COUNT_COLUMNS, "last_rated_at")


@dataclass(frozen=True)
class Totals:
    """Over all accepted ratings. `by_half_stars[0]` counts those of half a star."""

    by_half_stars: tuple[int, ...]
    rated_movies: int

    @property
    def ratings(self) -> int:
        return sum(self.by_half_stars)

    @property
    def mean(self) -> float:
        """Mean rating in stars, from integer sums; NaN where there is no rating."""
        half_stars = sum(k * n for k, n in zip(HALF_STARS, self.by_half_stars, strict=True))
        return half_stars / (2 * self.ratings) if self.ratings else float("nan")


def totals(counts: DataFrame) -> Totals:
    """Sums over the movies of `half_star_counts`."""
    sums = [F.expr(f"coalesce(sum({name}), 0)") for name in COUNT_COLUMNS]
    *by_half_stars, movies = counts.agg(*sums, F.count("*")).collect()[0]
    return Totals(by_half_stars=tuple(by_half_stars), rated_movies=movies)
