"""The same result with DuckDB, a database for a single machine: the reference to measure against.

python benchmarks/batch/duckdb_job.py INPUT_FOLDER SQLITE_FILE
"""

import sqlite3
import sys

import duckdb

COUNTS = ", ".join(f"count(*) FILTER (rating = {k / 2}) AS half_stars_{k}" for k in range(1, 11))
RESULT = f"""
WITH accepted AS (
    SELECT movieId, rating, timestamp FROM read_csv('{{folder}}/ratings*.csv', header = true,
        columns = {{{{userId: 'INT', movieId: 'INT', rating: 'DOUBLE', timestamp: 'BIGINT'}}}})
    WHERE rating BETWEEN 0.5 AND 5 AND rating * 2 = floor(rating * 2)
), by_movie AS (
    SELECT movieId, count(*) AS n, avg(rating) AS r, max(timestamp) AS last, {COUNTS}
    FROM accepted GROUP BY movieId
), prior AS (SELECT sum(n * r) / sum(n) AS mean FROM by_movie)
SELECT by_movie.*, title, (n * r + 50 * mean) / (n + 50) AS weighted
FROM by_movie JOIN read_csv('{{folder}}/movies.csv', header = true, quote = '"', escape = '"',
    columns = {{{{movieId: 'INT', title: 'VARCHAR', genres: 'VARCHAR'}}}}) USING (movieId), prior
ORDER BY weighted DESC, n DESC, movieId
"""


def main(folder: str, database: str) -> None:
    result = duckdb.connect().execute(RESULT.format(folder=folder))
    columns = [name for name, *_ in result.description or []]
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TABLE IF EXISTS result")
        connection.execute(f"CREATE TABLE result ({', '.join(columns)})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO result VALUES ({marks})", result.fetchall())


if __name__ == "__main__":
    main(*sys.argv[1:])
