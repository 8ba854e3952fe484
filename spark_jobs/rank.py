"""The weighted rating and the ranking.

weighted = (n R + m C) / (n + m)

R is the movie's mean rating over n ratings, C the prior mean, m the prior weight in
ratings. It is the posterior mean of a normal-normal model (and what IMDb publishes for
its Top 250): a movie with few ratings is drawn towards C, by the weight m / (n + m).
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from spark_jobs.aggregate import COUNT_COLUMNS
from spark_jobs.contract import HALF_STARS, half_star_column


def rank(
    counts: DataFrame, *, prior_mean: float, prior_weight: float, min_ratings: int
) -> DataFrame:
    """One row a rated movie, as `app_recommendationdata` takes it but for the run.

    `prior_mean` is in stars, `prior_weight` in ratings. Movies with fewer than
    `min_ratings` ratings get no rank. Ties go to the movie with more ratings, then to
    the lower id, so the order is total.
    """
    n = F.expr(" + ".join(COUNT_COLUMNS))
    half_stars = F.expr(" + ".join(f"{k} * {half_star_column(k)}" for k in HALF_STARS))
    scored = counts.select(
        "*",
        n.alias("rating_count"),
        (half_stars / (2 * n)).alias("avg_rating"),
        weighted_rating(half_stars, n, prior_mean, prior_weight).alias("weighted_rating"),
    )
    eligible = F.col("rating_count") >= min_ratings
    order = (F.desc("weighted_rating"), F.desc("rating_count"), F.asc("movie_id"))
    place = F.row_number().over(Window.partitionBy(eligible).orderBy(*order))
    return scored.select(
        "movie_id",
        *(F.expr(f"int({name})").alias(name) for name in (*COUNT_COLUMNS, "rating_count")),
        "avg_rating",
        "weighted_rating",
        F.when(eligible, place).alias("rank"),
        F.timestamp_seconds("last_rated_at").alias("last_rated_at"),
    )


def weighted_rating(
    half_stars: Column, n: Column, prior_mean: float, prior_weight: float
) -> Column:
    """(n R + m C) / (n + m), in stars. n R is half the integer sum: exact until the division."""
    return (half_stars / 2 + prior_weight * prior_mean) / (n + prior_weight)


def top(ranked: DataFrame, movies: DataFrame, *, limit: int) -> DataFrame:
    """(rank, movie_id, title, year, rating_count, avg_rating, weighted_rating), best first."""
    head = ranked.where(F.col("rank") <= limit)
    return (
        head.join(F.broadcast(movies), on="movie_id", how="inner")
        .orderBy("rank")
        .select(
            "rank", "movie_id", "title", "year", "rating_count", "avg_rating", "weighted_rating"
        )
    )
