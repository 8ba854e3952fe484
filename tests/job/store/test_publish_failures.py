"""A publish that fails, is killed or finds no room leaves the site as it was."""

import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from spark_jobs.contract import RUN_TABLES, STAGING_TABLES
from spark_jobs.errors import JobError
from spark_jobs.session import Spark
from spark_jobs.store import flip, publish
from spark_jobs.store.address import parse_address
from spark_jobs.store.credentials import find_credentials
from spark_jobs.store.database import connect
from spark_jobs.store.mysql.database import MySQL
from spark_jobs.store.sqlite import SQLite
from tests.job.conftest import movie, rating
from tests.job.store.published import CATALOGUE, RESULT
from tests.support.mariadb import mariadb, start
from tests.support.proxy import proxy
from tests.support.targets import ROOT, MariaDBTargets, statuses


def test_missing_rows_stop_the_publish(run_job, write_input, target, monkeypatch):
    folder = write_input()
    run_job(folder, target)
    monkeypatch.setattr(flip, "_count", lambda *_: 0)
    outcome = run_job(folder, target)
    assert outcome.status == 1
    assert "0 of 1 rows arrived" in outcome.err
    assert statuses(target) == ["current", "failed"]


def test_an_interrupted_publish_is_marked_as_failed(run_job, write_input, target, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    folder = write_input()
    run_job(folder, target)
    monkeypatch.setattr(flip, "_check_arrival", interrupt)
    outcome = run_job(folder, target)
    assert (outcome.status, outcome.err.splitlines()[-1]) == (130, "error: interrupted")
    assert target.rows("SELECT status, error FROM app_run ORDER BY id") == [
        ("current", ""),
        ("failed", "KeyboardInterrupt"),
    ]


def test_a_purge_that_fails_does_not_hide_that_the_run_is_current(
    run_job, write_input, target, monkeypatch
):
    def fail(*_, **__):
        raise JobError("disk full")

    monkeypatch.setattr(publish, "purge", fail)
    outcome = run_job(write_input(), target)
    assert outcome.status == 1
    assert (
        "run 1 is current, but the rows of old runs could not be deleted: disk full" in outcome.err
    )
    assert statuses(target) == ["current"]


def test_the_rows_of_a_failed_run_go_at_once(run_job, write_input, target, monkeypatch):
    run_job(write_input(), target)
    monkeypatch.setattr(publish, "flip", lambda *_: 1 / 0)
    outcome = run_job(write_input(ratings=[rating(1), rating(2), rating(stars=9)]), target)
    assert "ZeroDivisionError" in outcome.err
    assert statuses(target) == ["current", "failed"]
    for table in (*RUN_TABLES, *STAGING_TABLES):
        assert target.rows(f"SELECT * FROM {table} WHERE run_id = 2") == []


def many(rows):
    """Input with so many rated movies."""
    movies = [movie(n, f"Movie {n} (2000)", "War|Drama") for n in range(1, rows)]
    return movies, [rating(user, movie=user) for user in range(1, rows)]


def test_a_full_file_has_room_again_for_the_next_job(
    run_job, write_input, sqlite_target, monkeypatch
):
    run_job(write_input(), sqlite_target)
    connect_to = SQLite.__init__

    def connect_with_a_limit(self, *arguments):
        connect_to(self, *arguments)
        self.query("PRAGMA max_page_count = 120")

    monkeypatch.setattr(SQLite, "__init__", connect_with_a_limit)
    outcome = run_job(write_input(*many(4_000)), sqlite_target, "--no-models")
    assert "database or disk is full: free some space, or delete old runs" in outcome.err
    assert statuses(sqlite_target) == ["current", "failed"]
    assert sqlite_target.rows("SELECT * FROM app_stagedmovie") == []
    # As if the previous job had been killed: its rows fill the file to the brim.
    sqlite_target.execute("UPDATE app_run SET status = 'loading' WHERE id = 2")
    staged = "INSERT INTO app_stagedmovie (run_id, movie_id, title) VALUES (2, ?, ?)"
    with closing(sqlite3.connect(sqlite_target.path, isolation_level=None)) as full:
        full.execute("PRAGMA max_page_count = 120")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            full.executemany(staged, ((number, "x" * 200) for number in range(100_000)))
    outcome = run_job(write_input(*many(100)), sqlite_target)
    assert outcome.status == 0, outcome.err
    assert statuses(sqlite_target) == ["superseded", "failed", "current"]


def test_a_full_table_has_room_again_for_the_next_job(run_job, write_input, mariadb_target):
    run_job(write_input(), mariadb_target)
    previous = mariadb_target.rows("SELECT @@GLOBAL.max_heap_table_size")[0][0]
    mariadb_target.execute("SET GLOBAL max_heap_table_size = 65536")
    try:
        mariadb_target.execute("ALTER TABLE app_stagedmoviegenre ENGINE = MEMORY")
    finally:
        mariadb_target.execute(f"SET GLOBAL max_heap_table_size = {previous}")
    outcome = run_job(write_input(*many(4_000)), mariadb_target, "--no-models")
    assert "The table 'app_stagedmoviegenre' is full" in outcome.err
    for table in RUN_TABLES | STAGING_TABLES:
        assert mariadb_target.rows(f"SELECT 1 FROM {table} WHERE run_id = 2 LIMIT 1") == []
    outcome = run_job(write_input(*many(50)), mariadb_target)
    assert outcome.status == 0, outcome.err
    assert statuses(mariadb_target) == ["superseded", "failed", "current"]


def test_a_transaction_that_fails_leaves_nothing(spark, run_job, write_input, target):
    run_job(write_input(), target)
    with connect(
        Spark.of(spark), parse_address(target.address), find_credentials(None)
    ) as database:
        with pytest.raises(JobError), database.transaction():
            database.execute("UPDATE app_run SET status = 'failed'")
            database.execute("UPDATE no_such_table SET x = 1")
        assert database.query("SELECT status FROM app_run") == [("current",)]


KILLED = """
import os, signal, sys
from spark_jobs import spark_emr
from spark_jobs.store import flip, publish, purge

def die(*_arguments, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

(module,) = [one for one in (publish, flip, purge) if hasattr(one, sys.argv[1])]
setattr(module, sys.argv[1], die)
spark_emr.main(sys.argv[2:])
"""
OF_MODELS = ("app_similarmovie", "app_visitorweights", "app_userrecommendation")
MOMENTS = {
    "_append_rows": "loading",
    "_check_arrival": "loading",
    "_take_over_catalogue": "loading",
    "_delete_chunk": "current",
}
"""The function in whose place the job is killed -> how the database sees the run then."""


@pytest.mark.parametrize(
    ("engine", "moment"),
    [
        ("sqlite", "_append_rows"),
        ("sqlite", "_take_over_catalogue"),
        ("sqlite", "_delete_chunk"),
        ("mariadb", "_check_arrival"),
        ("mariadb", "_take_over_catalogue"),  # the one moment at which the engine has to roll back
    ],
)
def test_a_killed_job_leaves_the_site_as_it_was(run_job, write_input, request, engine, moment):
    target = request.getfixturevalue(f"{engine}_target")
    seen = ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (4, 3))
    others, ratings = [movie(2), movie(3)], [rating(user, n) for user, n in seen]
    run_job(write_input([movie(title="Before (1999)"), *others], ratings), target)
    folder = write_input([movie(title="After (2001)"), *others], ratings)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, moment, "--input", str(folder), "--min-ratings", "1",
         "--database", target.address, "--keep-runs", "1", "--min-support", "1", "--no-evaluate"],
        cwd=ROOT, env=os.environ | target.environment, capture_output=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    whole = MOMENTS[moment] == "current"
    assert statuses(target) == (["superseded", "current"] if whole else ["current", "loading"])
    assert target.rows(CATALOGUE)[0] == (1, *(("After", 2001) if whole else ("Before", 1999)))
    if moment != "_append_rows":
        for table in OF_MODELS:
            assert (2,) in target.rows(f"SELECT DISTINCT run_id FROM {table}"), table

    # The next job needs no hand: it clears away what the dead one left.
    again = run_job(folder, target, "--keep-runs", "1", "--min-support", "1", "--no-evaluate")
    assert again.status == 0, again.err
    previous = "superseded" if whole else "failed"
    assert statuses(target) == ["superseded", previous, "current"]
    for table in ("app_recommendationdata", *OF_MODELS):
        assert target.rows(f"SELECT DISTINCT run_id FROM {table}") == [(3,)], table
    assert target.rows("SELECT COUNT(*) FROM app_stagedmovie") == [(0,)]


def test_a_database_that_dies_in_the_middle_leaves_the_previous_run(
    run_job, write_input, monkeypatch
):
    with mariadb() as server:
        target = MariaDBTargets(server).make()
        folder = write_input()
        run_job(folder, target)

        append, tables = MySQL.append, []

        def append_and_die(self, frame, table):
            append(self, frame, table)
            tables.append(table)
            server.process.kill()
            server.process.wait()

        monkeypatch.setattr(MySQL, "append", append_and_die)
        outcome = run_job(folder, target)
        assert outcome.status == 1
        (line,) = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
        assert "Communications link failure" in line
        assert tables == ["app_stagedmovie"]

        monkeypatch.setattr(MySQL, "append", append)
        _, server.process = start(server.folder, server.port)
        assert statuses(target) == ["current", "loading"]
        assert run_job(folder, target).status == 0
        assert statuses(target) == ["superseded", "failed", "current"]


def test_a_network_that_goes_silent_in_the_middle_leaves_the_previous_run(
    run_job, write_input, mariadb_target, monkeypatch
):
    folder = write_input()
    run_job(folder, mariadb_target)
    append = MySQL.append
    with proxy(mariadb_target.server.port) as network:

        def append_and_cut(self, frame, table):
            append(self, frame, table)
            network.frozen.set()

        address = f"mysql://127.0.0.1:{network.port}/{mariadb_target.schema}?socketTimeout=2000"
        monkeypatch.setattr(MySQL, "append", append_and_cut)
        # The later --database counts.
        outcome = run_job(folder, mariadb_target, "--database", address)
        assert outcome.status == 1
        assert "Communications link failure" in outcome.err
    assert statuses(mariadb_target) == ["current", "loading"]

    monkeypatch.setattr(MySQL, "append", append)
    monkeypatch.setattr("spark_jobs.store.engine.LOCK_WAIT_SECONDS", 0)
    # The server has not noticed: the lost connection still holds the lock, and is named.
    refused = run_job(folder, mariadb_target)
    assert "another job is publishing" in refused.err
    (connection,) = re.findall(r"connection (\d+) of recsys", refused.err)
    mariadb_target.execute(f"KILL {connection}")
    assert run_job(folder, mariadb_target).status == 0
    assert statuses(mariadb_target) == ["superseded", "failed", "current"]


def test_the_server_lets_go_of_a_connection_that_says_nothing_for_an_hour(
    spark, run_job, write_input, mariadb_target
):
    run_job(write_input(), mariadb_target)  # sets the credentials
    address = parse_address(mariadb_target.address)
    with connect(Spark.of(spark), address, find_credentials(None)) as database:
        assert database.query("SELECT CAST(@@wait_timeout AS SIGNED)") == [(3600,)]


def test_a_full_disk_leaves_the_previous_run(run_job, write_input, sqlite_target):
    movies = [movie(n, f"Movie {n} (2000)", "War|Drama") for n in range(1, 4_000)]
    folder = write_input(movies, [rating(user, movie=user) for user in range(1, 4_000)])
    run_job(folder, sqlite_target, "--no-models")
    before = sqlite_target.rows(f"{RESULT} WHERE run_id = 1")
    previous = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, previous[1]))
    try:
        outcome = run_job(folder, sqlite_target, "--no-models")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, previous)
    assert outcome.status == 1
    assert re.search(r"error: .*sqlite3: (disk I/O error|database or disk is full)", outcome.err)
    assert statuses(sqlite_target)[0] == "current"
    assert sqlite_target.rows(f"{RESULT} WHERE run_id = 1") == before

    assert run_job(folder, sqlite_target, "--no-models").status == 0
    assert statuses(sqlite_target)[-1] == "current"
