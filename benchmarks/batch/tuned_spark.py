"""The job as an expert in Spark's DataFrames writes it: one aggregation, one action, no
intermediate counts, Arrow to the driver. Started with the settings of bin/job.

python benchmarks/batch/tuned_spark.py INPUT_FOLDER SQLITE_FILE
"""

import sqlite3
import sys

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

PRIOR_WEIGHT = 50
RATINGS = "userId INT, movieId INT, rating DOUBLE, timestamp LONG"
MOVIES = "movieId INT, title STRING, genres STRING"

SETTINGS = {
    "spark.sql.shuffle.partitions": "2",  # as many as cores: little is shuffled
    "spark.sql.files.maxPartitionBytes": "256m",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


def main(folder: str, database: str) -> None:
    builder = SparkSession.builder.appName("tuned")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    ratings = spark.read.csv(f"{folder}/ratings.csv", schema=RATINGS, header=True)
    rating = F.col("rating")
    counts = [F.count_if(rating == k / 2).alias(f"half_stars_{k}") for k in range(1, 11)]
    by_movie = (
        ratings.where("rating BETWEEN 0.5 AND 5 AND rating * 2 = floor(rating * 2)")
        .groupBy("movieId")
        .agg(
            F.count("*").alias("n"),
            F.sum("rating").alias("s"),
            F.max("timestamp").alias("last"),
            *counts,
        )
    )
    movies = spark.read.csv(f"{folder}/movies.csv", schema=MOVIES, header=True, escape='"')
    found = by_movie.join(F.broadcast(movies.drop("genres")), "movieId").toArrow()
    _write(database, _ranked(found))
    spark.stop()


def _ranked(found: pa.Table) -> pa.Table:
    n, s = (found[name].to_numpy() for name in ("n", "s"))
    weighted = (s + PRIOR_WEIGHT * s.sum() / n.sum()) / (n + PRIOR_WEIGHT)
    order = [("weighted", "descending"), ("n", "descending"), ("movieId", "ascending")]
    return found.append_column("weighted", pa.array(weighted)).sort_by(order)


def _write(database: str, result: pa.Table) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TABLE IF EXISTS result")
        connection.execute(f"CREATE TABLE result ({', '.join(result.column_names)})")
        marks = ", ".join("?" * result.num_columns)
        rows = zip(*(column.to_pylist() for column in result.columns), strict=True)
        connection.executemany(f"INSERT INTO result VALUES ({marks})", rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
