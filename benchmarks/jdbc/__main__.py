"""All ways to insert rows into MariaDB, against LOAD DATA LOCAL over one connection.

bin/bench jdbc [--rows 90000 4000000] [--lists 40000] [--rounds 3] [--ways NAME ...]

All fill `app_recommendationdata`, with its columns and key, on one server. The ways start with
rows in the driver's memory, and include the time to distribute them and to connect, except for
this job, whose connection serves a whole publish; "connecting anew" includes that, too. LOAD DATA
reads a file written before. In one process, after a warm-up; interleaved. Other work on the
machine changes the ratios; so CPU time is measured, too, in microseconds a row, of the server and
of all processes of the client.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.jdbc.table import IN_ONE_COLUMN, TABLE, WIDE, Way, all_ways, make_other_tables
from benchmarks.measure import machine
from spark_jobs.contract import MONTHS
from spark_jobs.model.aggregation.counts import Counts
from spark_jobs.model.aggregation.months import MonthCounts
from spark_jobs.model.packing import pack_rows
from spark_jobs.model.ranking.weighted_rating import rank
from spark_jobs.model.rows import DistributedRows
from spark_jobs.session import start_spark
from spark_jobs.store.address import parse_address
from spark_jobs.store.credentials import Credentials
from spark_jobs.store.mysql import insert
from spark_jobs.store.mysql.database import MySQL
from spark_jobs.store.mysql.lines import FORMAT, character_set, lines
from spark_jobs.store.tables import ranking_rows
from tests.support.mariadb import PASSWORD, USER, Server, mariadb
from tests.support.processes import descendants
from tests.support.targets import MariaDBTarget, MariaDBTargets

LISTS, LISTS_IN_PART = "app_userrecommendation", 500
REFERENCE = "LOAD DATA LOCAL of a file, a client in C"


def main() -> None:
    with mariadb() as server:
        compare_on(server, _options())


def compare_on(server: Server, options: argparse.Namespace) -> None:
    """Print the table. The server may be another than MariaDB."""
    server.execute("SET GLOBAL local_infile = 1")
    with start_spark() as spark, tempfile.TemporaryDirectory() as folder:
        target = MariaDBTargets(server).make()
        make_other_tables(target)
        job = MySQL(spark.session, parse_address(target.address), Credentials(USER, PASSWORD))
        ways = all_ways(target, job, Path(folder))
        if options.ways:
            ways = {name: ways[name] for name in options.ways}
        _compare(target, ways, Path(folder), rows=10_000, rounds=1)
        print(f"{machine()}; medians", flush=True)
        for rows in options.rows:
            _print(_compare(target, ways, Path(folder), rows=rows, rounds=options.rounds), rows)
        if options.lists:
            _print(_compare_lists(target, job, options.lists, options.rounds), options.lists)


def _print(measured: dict[str, list["Measured"]], rows: int) -> None:
    print(f"\n| {rows:,} rows | rows/s | to the first | least to most | server, µs | client, µs |")
    print("|---|---:|---:|---:|---:|---:|")
    reference, *_ = measured.values()
    for name, taken in measured.items():
        pairs = zip(reference, taken, strict=True)
        ratios = sorted(first.seconds / one.seconds for first, one in pairs)
        rate = rows / statistics.median(one.seconds for one in taken)
        server, client = (
            statistics.median(one.cpu[side] for one in taken) / rows * 1e6 for side in (0, 1)
        )
        print(
            f"| {name} | {rate:,.0f} | {statistics.median(ratios):.2f} "
            f"| {ratios[0]:.2f} to {ratios[-1]:.2f} | {server:.1f} | {client:.1f} |",
            flush=True,
        )


@dataclass(frozen=True)
class Measured:
    """One round of one way: wall-clock seconds, and CPU seconds of the server and of the client."""

    seconds: float
    cpu: tuple[float, float]

    @classmethod
    def of(cls, way: Callable[[], object], server: Server) -> "Measured":
        """Run it."""
        before, begun = _cpu(server), time.perf_counter()
        way()
        seconds, after = time.perf_counter() - begun, _cpu(server)
        return cls(seconds, (after[0] - before[0], after[1] - before[1]))


def _cpu(server: Server) -> tuple[float, float]:
    ours = {os.getpid(), *descendants(os.getpid())} - {server.process.pid}
    return _cpu_of(server.process.pid), sum(map(_cpu_of, ours))


def _cpu_of(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0


def _compare(
    target: MariaDBTarget, ways: dict[str, Way], folder: Path, *, rows: int, rounds: int
) -> dict[str, list[Measured]]:
    """Each round, by way; the first is LOAD DATA LOCAL over one connection."""
    frame = _frame(rows)
    file = folder / "all.rows"
    file.write_bytes(lines(frame))
    reference = {REFERENCE: lambda *_: _load_data(target, file, frame.schema)}
    measured: dict[str, list[Measured]] = {}
    for _ in range(rounds):
        for name, way in (reference | ways).items():
            table = WIDE if name == IN_ONE_COLUMN else TABLE
            target.execute(f"TRUNCATE {table}")
            once = Measured.of(partial(way, frame, TABLE), target.server)
            measured.setdefault(name, []).append(once)
            assert target.rows(f"SELECT COUNT(*) FROM {table}") == [(rows,)]
    return measured


def _compare_lists(
    target: MariaDBTarget, job: MySQL, rows: int, rounds: int
) -> dict[str, list[Measured]]:
    """Each round of lists on the executors, as wide as those of a run: 1.6 kB a user."""

    def part(first: int) -> pa.Table:
        chance = np.random.default_rng(first)
        users = np.arange(first, first + LISTS_IN_PART)
        packed = pa.array([chance.bytes(1600) for _ in users], pa.binary())
        return pa.table(
            {"run_id": np.ones(len(users), np.int64), "user_id": users, "packed": packed}
        )

    firsts = range(0, rows, LISTS_IN_PART)
    parts = job.spark.sparkContext.parallelize(firsts, 2).map(part).cache()
    lists = DistributedRows(parts, parts.map(lambda table: table.num_rows).sum())
    ways: dict[str, Callable[[], object]] = {
        "lists by Spark's writer": lambda: insert.insert(job.spark, job.settings, lists, LISTS),
        "lists by this job": lambda: job.append(lists, LISTS),
    }
    measured: dict[str, list[Measured]] = {}
    for _ in range(rounds):
        for name, way in ways.items():
            target.execute(f"TRUNCATE {LISTS}")
            measured.setdefault(name, []).append(Measured.of(way, target.server))
            assert target.rows(f"SELECT COUNT(*) FROM {LISTS}") == [(lists.num_rows,)]
    return measured


def _load_data(target: MariaDBTarget, file: Path, schema: pa.Schema) -> None:
    names = ", ".join(f"`{name}`" for name in schema.names)
    character = character_set(schema)
    connection = target.server.connect(db=target.schema, local_infile=True, autocommit=True)
    connection.cursor().execute(
        f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {TABLE}"
        f" CHARACTER SET {character} {FORMAT} ({names})"
    )
    connection.close()


def _frame(rows: int) -> pa.Table:
    """A ranking of that many movies, as the job appends it."""
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
    for name, column in _later_columns(chance, ranked["weighted_rating"].to_numpy()).items():
        frame = frame.append_column(name, column)
    return frame.add_column(0, "run_id", pa.array(np.ones(rows, np.int64)))


def _later_columns(
    chance: np.random.Generator, weighted: NDArray[np.float64]
) -> dict[str, pa.Array]:
    """Interval, trend, and one to eight months of ratings, as wide as those of a run."""
    lengths = chance.integers(1, 9, len(weighted))
    starts = np.append(0, np.cumsum(lengths))
    months = chance.integers(300, 600, starts[-1]), chance.integers(1, 9, starts[-1])
    return {
        "lower_bound": pa.array(weighted - chance.random(len(weighted))),
        "upper_bound": pa.array(weighted + chance.random(len(weighted))),
        "trend": pa.array(chance.exponential(3, len(weighted))),
        "months": pa.array(pack_rows(months, starts, MONTHS), pa.binary()),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench jdbc", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[90_000, 4_000_000])
    parser.add_argument("--lists", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="*", help="only these, by name")
    return parser.parse_args()


if __name__ == "__main__":
    main()
