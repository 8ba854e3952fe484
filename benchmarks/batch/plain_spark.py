"""The job as usually written: read.csv, a few counts, a join, a sort. A peer, not an example.

python benchmarks/batch/plain_spark.py INPUT_FOLDER SQLITE_FILE
"""

import sqlite3
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

PRIOR_WEIGHT = MIN_RATINGS = 50
RATINGS = "userId INT, movieId INT, rating DOUBLE, timestamp LONG"
MOVIES = "movieId INT, title STRING, genres STRING"


def main(folder: str, database: str) -> None:
    spark = SparkSession.builder.appName("plain").getOrCreate()
    ratings = spark.read.csv(f"{folder}/ratings.csv", schema=RATINGS, header=True, escape='"')
    movies = spark.read.csv(f"{folder}/movies.csv", schema=MOVIES, header=True, escape='"')
    print(f"{movies.count()} movies, {ratings.count()} ratings")

    good = ratings.dropna().where("rating BETWEEN 0.5 AND 5 AND rating * 2 = floor(rating * 2)")
    print(f"{good.count()} good ratings")
    ((mean,),) = good.agg(F.avg("rating")).collect()

    counts = [F.count_if(F.col("rating") == k / 2).alias(f"half_stars_{k}") for k in range(1, 11)]
    by_movie = good.groupBy("movieId").agg(
        F.count("*").alias("n"),
        F.avg("rating").alias("r"),
        F.max("timestamp").alias("last"),
        *counts,
    )
    weighted = (F.col("n") * F.col("r") + PRIOR_WEIGHT * mean) / (F.col("n") + PRIOR_WEIGHT)
    result = by_movie.join(movies, "movieId").withColumn("weighted", weighted)
    ordered = result.orderBy(F.desc("weighted"), F.desc("n"), "movieId").drop("genres")
    _write(database, ordered.columns, ordered.collect())
    print(f"{result.where(F.col('n') >= MIN_RATINGS).count()} ranked")
    spark.stop()


def _write(database: str, columns: list[str], rows: list) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TABLE IF EXISTS result")
        connection.execute(f"CREATE TABLE result ({', '.join(columns)})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO result VALUES ({marks})", rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
