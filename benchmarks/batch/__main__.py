"""The job's ranking against other implementations: Spark plain and tuned, DuckDB, Polars.

bin/bench batch [--rows 1000000 25000000] [--rounds 3] [--without "plain Spark"] [--copies 10]

Generated ratings like MovieLens, kept in var/bench/; with --copies that many files of them, each
with its own users: 100 million ten times are a billion. Every engine reads the CSVs and leaves the
ranked movies in an SQLite file; the job also validates, compares with the previous run and
publishes. Its models, which the others lack, are omitted. Whole processes, interleaved; medians,
and the peak memory of all processes together.
"""

import argparse
import sqlite3
import sys
from pathlib import Path

from benchmarks.database import migrate
from benchmarks.measure import Measured, interleave, machine
from benchmarks.rating_files import FOLDER, ROOT, generated

JOB, SESSION, DEFAULT_SESSION = "this job", "empty session", "empty session, defaults"


def main() -> None:
    options = _options()
    environment = _prepare()
    medians: dict[tuple[str, int], Measured] = {}
    sizes = [rows * options.copies for rows in options.rows]
    for rows, size in zip(options.rows, sizes, strict=True):
        folder = generated(rows, options.copies)
        contestants = [c for c in _contestants(folder) if c.name not in options.without]
        interleave(contestants, rounds=options.rounds, environment=environment)
        _check_same_result(folder, contestants)
        medians |= {(contestant.name, size): contestant for contestant in contestants}
    _report(medians, sizes)


def _prepare() -> dict[str, str]:
    """Make databases for the engines, and the class archive, with a first run of the job."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    database = FOLDER / "job.sqlite3"
    environment = migrate(database)
    Measured("first run", _job(generated(1_000_000))).run(environment)
    return environment


def _contestants(folder: Path) -> list[Measured]:
    scripts = ROOT / "benchmarks" / "batch"
    spark = ["spark-submit", "--conf", "spark.log.level=ERROR"]
    return [
        Measured(JOB, _job(folder)),
        Measured("DuckDB", [sys.executable, f"{scripts}/duckdb_job.py", *_peer(folder, "duckdb")]),
        Measured("Polars", [sys.executable, f"{scripts}/polars_job.py", *_peer(folder, "polars")]),
        Measured(
            "tuned Spark",
            [*_as_bin_job_starts(), f"{scripts}/tuned_spark.py", *_peer(folder, "tuned")],
        ),
        Measured("plain Spark", [*spark, f"{scripts}/plain_spark.py", *_peer(folder, "plain")]),
        Measured(DEFAULT_SESSION, [*spark, f"{scripts}/empty_session.py"]),
        Measured(SESSION, [*_as_bin_job_starts(), f"{scripts}/empty_session.py"]),
    ]


def _as_bin_job_starts() -> list[str]:
    conf = ROOT / "spark_jobs" / "conf"
    (archive,) = (ROOT / "var").glob("spark-classes-*.jsa")
    options = f"-Dlog4j2.configurationFile={conf}/log4j2.properties -XX:SharedArchiveFile={archive}"
    return ["spark-submit", "--properties-file", f"{conf}/spark-defaults.conf",
            "--driver-java-options", options]  # fmt: skip


def _job(folder: Path) -> list[str]:
    gates = ("movies_dropped", "ratings_dropped", "prior_mean_moved", "top_replaced",
             "synthetic_over_real")  # fmt: skip
    allowed = [word for gate in gates for word in ("--allow", gate)]
    return [f"{ROOT}/bin/job", "--input", str(folder), *allowed, "--no-models",
            "--database", f"sqlite:///{FOLDER}/job.sqlite3"]  # fmt: skip


def _peer(folder: Path, name: str) -> list[str]:
    return [str(folder), f"{FOLDER}/{name}.sqlite3"]


def _check_same_result(folder: Path, contestants: list[Measured]) -> None:
    """Check that every engine found the same scores."""
    queries = {
        JOB: ("job", "SELECT movie_id, weighted_rating FROM app_recommendationdata WHERE run_id ="
              " (SELECT id FROM app_run WHERE status = 'current')"),
        **{name: (name.split()[0].lower(), "SELECT movieId, weighted FROM result")
           for name in ("DuckDB", "Polars", "tuned Spark", "plain Spark")},
    }  # fmt: skip
    found = {}
    for name, (file, query) in queries.items():
        if name in [contestant.name for contestant in contestants]:
            with sqlite3.connect(FOLDER / f"{file}.sqlite3") as connection:
                found[name] = dict(connection.execute(query).fetchall())
    for name, scores in found.items():
        assert scores.keys() == found[JOB].keys(), f"{name} found other movies in {folder}"
        assert all(abs(scores[m] - score) < 1e-9 for m, score in found[JOB].items()), name


def _report(measured: dict[tuple[str, int], Measured], sizes: list[int]) -> None:
    print(f"\n{machine()}; medians\n")
    print("| engine | rows | seconds | to this job | peak MB |")
    print("|---|---:|---:|---:|---:|")
    for (name, rows), one in measured.items():
        ratio = one.median / measured[JOB, rows].median
        print(f"| {name} | {rows:,} | {one.median:.1f} | {ratio:.2f} | {one.peak:,.0f} |")
    print()
    for name in dict.fromkeys(name for name, _ in measured):
        if len(sizes) > 1:
            first, last = (measured[name, rows] for rows in (sizes[0], sizes[-1]))
            slope = (last.median - first.median) / (sizes[-1] - sizes[0]) * 1e6
            print(f"{name}: {slope:.3f} s per million rows from {sizes[0]:,} to {sizes[-1]:,}")
    smallest = measured[JOB, sizes[0]].median
    for session in (SESSION, DEFAULT_SESSION):
        if (session, sizes[0]) in measured:
            above = smallest - measured[session, sizes[0]].median
            print(f"{sizes[0]:,} rows take {above:.1f} s above an {session}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench batch", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 25_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without", nargs="*", default=[], help="engines to leave out")
    parser.add_argument(
        "--copies", type=int, default=1, help="number of files with that many ratings each"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
