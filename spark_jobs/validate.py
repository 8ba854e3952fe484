"""Which rows count. Each row gets a reason code or none; no row disappears."""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from spark_jobs import titles
from spark_jobs.contract import GENRE_LENGTH, TITLE_LENGTH

REASONS = {
    "malformed": "the row does not have the columns of its header, or a rating is no number",
    "bad_id": "a user or movie id is not a whole number from 1 to 2147483647",
    "rating_out_of_range": "the rating lies outside 0.5 to 5",
    "not_half_star": "the rating is not a multiple of 0.5",
    "bad_timestamp": "the timestamp is not in whole seconds between 1970 and 2100",
    "unknown_movie": "the rated movie is not among the accepted movies",
    "missing_title": "the movie has no title",
    "title_too_long": f"the title is longer than {TITLE_LENGTH} characters",
    "genre_too_long": f"a genre is longer than {GENRE_LENGTH} characters",
    "duplicate_movie": "the movie id stands on another row whose title sorts first",
}
"""The closed list of reasons. The first that applies is the row's."""

NO_GENRES = "(no genres listed)"
WHOLE_NUMBER = r"^[0-9]{1,10}$"
DECIMAL_NUMBER = r"^-?[0-9]{1,9}(\.[0-9]{1,9})?$"
YEAR_2100 = 4_102_444_800


def validate_movies(rows: DataFrame) -> DataFrame:
    """(movie_id, title, year, genres, file, reason, raw) of every row of movies.csv.

    Of several rows with one id the first in code-point order of title, then genres, counts:
    a rule that does not depend on the order in which partitions are read.
    """
    text = F.trim(F.coalesce("title", F.lit("")))
    short = F.when(F.length(text) <= TITLE_LENGTH, text)
    parsed = rows.select(
        _id("movieId").alias("movie_id"),
        titles.title_without_year(short).alias("title"),
        titles.year(short).alias("year"),
        _genres("genres").alias("genres"),
        F.length(text).alias("title_length"),
        "malformed",
        "file",
        "raw",
    )
    reason = _first_reason(
        malformed=F.col("malformed"),
        bad_id=F.col("movie_id").isNull(),
        missing_title=F.col("title_length") == 0,
        title_too_long=F.col("title_length") > TITLE_LENGTH,
        genre_too_long=F.exists("genres", lambda genre: F.length(genre) > GENRE_LENGTH),
    )
    same_id = Window.partitionBy("movie_id", "reason").orderBy("title", "year", "raw")
    repeated = (F.row_number().over(same_id) > 1) & F.col("reason").isNull()
    return parsed.withColumn("reason", reason).select(
        "movie_id",
        "title",
        "year",
        "genres",
        "file",
        F.when(repeated, "duplicate_movie").otherwise(F.col("reason")).alias("reason"),
        "raw",
    )


def validate_ratings(rows: DataFrame, movies: DataFrame) -> DataFrame:
    """(movie_id, half_stars, rated_at, file, reason, raw) of every row of ratings.csv.

    `rated_at` is in seconds since 1970. A rejected row has no movie_id and no half_stars.
    """
    known = movies.select("movie_id", F.lit(True).alias("known"))
    stars = _number("rating")
    parsed = rows.select(
        _id("userId").alias("user_id"),
        _id("movieId").alias("movie_id"),
        (stars * 2).alias("doubled"),
        _timestamp("timestamp").alias("rated_at"),
        "malformed",
        "file",
        "raw",
    ).join(F.broadcast(known), on="movie_id", how="left")
    reason = _first_reason(
        malformed=F.col("malformed") | F.col("doubled").isNull(),
        bad_id=F.col("user_id").isNull() | F.col("movie_id").isNull(),
        rating_out_of_range=~F.col("doubled").between(1, 10),
        not_half_star=F.col("doubled") != F.floor("doubled"),
        bad_timestamp=F.col("rated_at").isNull(),
        unknown_movie=F.col("known").isNull(),
    )
    accepted = F.col("reason").isNull()
    return parsed.withColumn("reason", reason).select(
        F.when(accepted, F.col("movie_id")).alias("movie_id"),
        F.when(accepted, F.col("doubled")).cast("int").alias("half_stars"),
        "rated_at",
        "file",
        "reason",
        "raw",
    )


def accepted(validated: DataFrame) -> DataFrame:
    """The rows that count."""
    return validated.where(F.col("reason").isNull())


@dataclass(frozen=True)
class Verdicts:
    """Rows of one input file: how many count, and how many do not, by reason."""

    accepted: int
    rejected: dict[str, int]

    @property
    def read(self) -> int:
        return self.accepted + sum(self.rejected.values())


def verdicts(frame: DataFrame, rows: Column) -> Verdicts:
    """Count by `reason`; `rows` says how many rows of input a row of the frame stands for."""
    counted = frame.groupBy("reason").agg(F.sum(rows).alias("rows")).collect()
    by_reason = {row["reason"]: int(row["rows"]) for row in counted}
    accepted_rows = by_reason.pop(None, 0)
    return Verdicts(accepted_rows, dict(sorted(by_reason.items())))


def rejected(validated: DataFrame) -> DataFrame:
    """(file, reason, raw) of the rows that do not count."""
    return validated.where(F.col("reason").isNotNull()).select("file", "reason", "raw")


def sample(rejected_rows: DataFrame, *, per_reason: int) -> DataFrame:
    """(file, reason, raw) of the first `per_reason` rows of each reason, in order of text."""
    place = F.row_number().over(Window.partitionBy("file", "reason").orderBy("raw"))
    return (
        rejected_rows.withColumn("place", place)
        .where(F.col("place") <= per_reason)
        .select("file", "reason", "raw")
    )


def _first_reason(**conditions: Column) -> Column:
    return F.coalesce(*(F.when(applies, reason) for reason, applies in conditions.items()))


def _id(name: str) -> Column:
    number = F.when(F.col(name).rlike(WHOLE_NUMBER), F.col(name)).cast("bigint")
    return F.when(number.between(1, 2**31 - 1), number).cast("int")


def _number(name: str) -> Column:
    return F.when(F.col(name).rlike(DECIMAL_NUMBER), F.col(name)).cast("double")


def _timestamp(name: str) -> Column:
    seconds = F.when(F.col(name).rlike(WHOLE_NUMBER), F.col(name)).cast("bigint")
    return F.when(seconds < YEAR_2100, seconds)


def _genres(name: str) -> Column:
    listed = F.transform(F.split(F.coalesce(name, F.lit("")), r"\|"), lambda g: F.trim(g))
    return F.array_distinct(F.filter(listed, lambda g: (g != "") & (g != NO_GENRES)))
