"""How rows reach MariaDB: the job's way against LOAD DATA LOCAL over one connection.

bin/bench jdbc [--rows 90000 4000000] [--rounds 3]

Both fill `app_recommendationdata`, with its keys, on one MariaDB server. The job's rows start
in the driver's memory and are counted with the time that Spark takes to hand them out; LOAD
DATA reads a file that was written before. In one process, after a warm-up; interleaved.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from benchmarks.measure import machine
from spark_jobs.model.counts import Counts
from spark_jobs.model.months import MonthCounts
from spark_jobs.model.rank import rank
from spark_jobs.session import start_spark
from spark_jobs.store.address import parse_address
from spark_jobs.store.credentials import Credentials
from spark_jobs.store.mysql.database import MySQL
from spark_jobs.store.tables import ranking_rows
from tests.support.mariadb import PASSWORD, USER, mariadb
from tests.support.targets import MariaDBTarget, MariaDBTargets

TABLE = "app_recommendationdata"


def main() -> None:
    options = _options()
    with mariadb() as server, start_spark() as spark, tempfile.TemporaryDirectory() as folder:
        server.execute("SET GLOBAL local_infile = 1")
        target = MariaDBTargets(server).make()
        job = MySQL(spark.session, parse_address(target.address), Credentials(USER, PASSWORD))
        _compare(target, job, Path(folder), rows=10_000, rounds=1)
        print(f"{machine()}; medians\n")
        print("| rows | LOAD DATA LOCAL, rows/s | this job, rows/s | ratio |")
        print("|---:|---:|---:|---:|")
        for rows in options.rows:
            load, append = _compare(target, job, Path(folder), rows=rows, rounds=options.rounds)
            print(f"| {rows:,} | {load:,.0f} | {append:,.0f} | {append / load:.2f} |", flush=True)


def _compare(
    target: MariaDBTarget, job: MySQL, folder: Path, *, rows: int, rounds: int
) -> tuple[float, float]:
    """Rows per second of LOAD DATA LOCAL and of the job."""
    frame = _frame(rows)
    file = folder / "rows.csv"
    nulls_as_mysql_reads_them = pc.if_else(
        pc.is_null(frame["rank"]), "\\N", pc.cast(frame["rank"], pa.string())
    )
    place = frame.column_names.index("rank")
    text = frame.set_column(place, "rank", nulls_as_mysql_reads_them)
    pa_csv.write_csv(text, file, pa_csv.WriteOptions(include_header=False, quoting_style="none"))
    ways: list[Callable[[], object]] = [
        lambda: _load_data(target, file, frame.column_names),
        lambda: job.append(frame, TABLE),
    ]
    seconds: list[list[float]] = [[], []]
    for _ in range(rounds):
        for way, taken in zip(ways, seconds, strict=True):
            target.execute(f"TRUNCATE {TABLE}")
            begun = time.perf_counter()
            way()
            taken.append(time.perf_counter() - begun)
            assert target.rows(f"SELECT COUNT(*) FROM {TABLE}") == [(rows,)]
    load, append = (rows / statistics.median(taken) for taken in seconds)
    return load, append


def _load_data(target: MariaDBTarget, file: Path, columns: list[str]) -> None:
    names = ", ".join(f"`{name}`" for name in columns)
    connection = target.server.connect(db=target.schema, local_infile=True, autocommit=True)
    connection.cursor().execute(
        f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {TABLE} FIELDS TERMINATED BY ',' ({names})"
    )
    connection.close()


def _frame(rows: int) -> pa.Table:
    """A ranking of so many movies, as the job appends it."""
    chance = np.random.default_rng(1)
    counts = Counts(
        chance.poisson(3, (rows, 10)) + 1,
        chance.integers(800_000_000, 1_500_000_000, rows),
        MonthCounts.zero(rows),
    )
    ids = np.arange(1, rows + 1, dtype=np.int32)
    years = pa.array(chance.integers(1900, 2026, rows), pa.int32())
    ranked = rank(ids, counts, prior_mean=3.5, prior_weight=50, min_ratings=35)
    frame = ranking_rows(ranked, pa.table({"movie_id": ids, "year": years}))
    return frame.add_column(0, "run_id", pa.array(np.ones(rows, np.int64)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[90_000, 4_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
