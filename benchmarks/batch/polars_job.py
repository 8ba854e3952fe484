"""The same result with the streaming engine of Polars, a data frame library for one machine.

python benchmarks/batch/polars_job.py INPUT_FOLDER SQLITE_FILE
"""

import sqlite3
import sys

import polars as pl

RATINGS = {"userId": pl.Int32, "movieId": pl.Int32, "rating": pl.Float64, "timestamp": pl.Int64}
MOVIES = {"movieId": pl.Int32, "title": pl.String, "genres": pl.String}
PRIOR_WEIGHT = 50


def main(folder: str, database: str) -> None:
    rating = pl.col("rating")
    good = pl.scan_csv(f"{folder}/ratings*.csv", schema=RATINGS).filter(
        rating.is_between(0.5, 5) & (rating * 2 == (rating * 2).floor())
    )
    by_movie = good.group_by("movieId").agg(
        n=pl.len(),
        r=rating.mean(),
        last=pl.col("timestamp").max(),
        **{f"half_stars_{k}": (rating == k / 2).sum() for k in range(1, 11)},
    )
    counted = by_movie.collect(engine="streaming").lazy()
    n, r = pl.col("n"), pl.col("r")
    weighted = (n * r + PRIOR_WEIGHT * (n * r).sum() / n.sum()) / (n + PRIOR_WEIGHT)
    result = (
        counted.with_columns(weighted=weighted)
        .join(pl.scan_csv(f"{folder}/movies.csv", schema=MOVIES).drop("genres"), on="movieId")
        .sort("weighted", "n", "movieId", descending=[True, True, False])
        .collect()
    )
    _write(database, result)


def _write(database: str, result: pl.DataFrame) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TABLE IF EXISTS result")
        connection.execute(f"CREATE TABLE result ({', '.join(result.columns)})")
        marks = ", ".join("?" * result.width)
        connection.executemany(f"INSERT INTO result VALUES ({marks})", result.rows())


if __name__ == "__main__":
    main(*sys.argv[1:])
