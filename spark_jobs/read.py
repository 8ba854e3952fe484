"""Rows of the two CSVs as text, nothing judged yet: a row that does not parse is kept aside."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from spark_jobs.files import MOVIE_COLUMNS, RATING_COLUMNS, InputFile

AS_IT_STOOD = {
    "escape": '"',
    "ignoreLeadingWhiteSpace": "false",
    "ignoreTrailingWhiteSpace": "false",
}


def read_movies(spark: SparkSession, file: InputFile) -> DataFrame:
    """(movieId, title, genres, file, raw, malformed), all text but the last."""
    return _read(spark, file, MOVIE_COLUMNS)


def read_ratings(spark: SparkSession, file: InputFile) -> DataFrame:
    """(userId, movieId, rating, timestamp, file, raw, malformed), all text but the last."""
    return _read(spark, file, RATING_COLUMNS)


def _read(spark: SparkSession, file: InputFile, columns: tuple[str, ...]) -> DataFrame:
    # Everything is read as text: Spark's own conversion takes NaN, 1e1 and " 4.5" for
    # ratings. `escape` must be the quote itself, or MovieLens titles lose their columns.
    fields = [StructField(name, StringType()) for name in (*columns, "corrupt")]
    rows = spark.read.csv(
        file.path,
        schema=StructType(fields),
        header=True,
        quote='"',
        escape='"',
        mode="PERMISSIVE",
        columnNameOfCorruptRecord="corrupt",
    )
    as_csv = F.to_csv(F.struct(*columns), AS_IT_STOOD)
    return rows.select(
        *columns,
        F.lit(file.name).alias("file"),
        F.coalesce("corrupt", as_csv).alias("raw"),
        F.col("corrupt").isNotNull().alias("malformed"),
    )
