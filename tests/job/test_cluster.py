"""The job on a Spark of several processes: two workers with an executor each, and MariaDB."""

import os
import signal
import subprocess

import pytest

from aws_deployment.package_job import pack
from tests.job.conftest import movie, rating
from tests.support.processes import command_line, descendants, kill_tree, starting, wait_until
from tests.support.targets import ROOT

MOVIES = 400
USERS = range(1, 7)
RATED = MOVIES * 5
LISTS = [
    "SELECT movie_id, packed FROM app_similarmovie ORDER BY movie_id",
    "SELECT movie_id, scale, packed FROM app_visitorweights ORDER BY movie_id",
    "SELECT user_id, packed FROM app_userrecommendation ORDER BY user_id",
]
SLOW_ROWS = (
    "CREATE TRIGGER slow BEFORE INSERT ON app_recommendationdata"
    " FOR EACH ROW SET @slept = SLEEP(0.02 * ({}))"
)
WRITERS = "SELECT id FROM information_schema.processlist WHERE state = 'User sleep'"


@pytest.fixture
def folder(write_input):
    movies = [movie(n, f"Movie {n} (2000)", "War|Drama") for n in range(1, MOVIES + 1)]
    ratings = [
        rating(user, n, (user * n % 9 + 1) / 2)
        for user in USERS
        for n in range(1, MOVIES + 1)
        if (user + n) % 6
    ]
    return write_input(movies, ratings)


@pytest.fixture
def submit(folder, mariadb_target, tmp_path):
    """Start the job on two workers from its zip, far from the checkout."""
    pack(tmp_path / "spark_jobs.zip")
    with starting() as start:

        def submit(*arguments: str, master: str = "local-cluster[2,1,1024]") -> subprocess.Popen:
            return start(
                "spark-submit", "--master", master, "--py-files", "spark_jobs.zip",
                ROOT / "spark_jobs" / "spark_emr.py", "--input", folder, "--min-ratings", "1",
                "--no-evaluate", "--database", mariadb_target.address, *arguments,
                cwd=tmp_path, env=os.environ | mariadb_target.environment, stderr=subprocess.STDOUT,
            )  # fmt: skip

        yield submit


@pytest.fixture
def without_files(mariadb_target):
    """A server that takes no files, so that the executors write."""
    mariadb_target.execute("SET GLOBAL local_infile = 0")
    yield
    mariadb_target.execute("SET GLOBAL local_infile = 1")


def executors(process):
    return [
        pid
        for pid in descendants(process.pid)
        if "CoarseGrainedExecutorBackend" in command_line(pid)
    ]


def published(target):
    """(status, rows) of every run."""
    return target.rows(
        "SELECT r.status, COUNT(d.movie_id) FROM app_run AS r"
        " LEFT JOIN app_recommendationdata AS d ON d.run_id = r.id GROUP BY r.id ORDER BY r.id"
    )


@pytest.mark.parametrize("writers", [1, 2], ids=["the driver writes", "two executors write"])
def test_an_executor_that_dies_in_the_middle_of_the_write_costs_no_row(
    submit, mariadb_target, run_job, folder, sqlite_target, request, writers
):
    if writers == 2:
        request.getfixturevalue("without_files")
    mariadb_target.execute(SLOW_ROWS.format("TRUE"))
    process = submit()
    wait_until(
        lambda: len(mariadb_target.rows(WRITERS)) == writers, seconds=300, what="rows arrive"
    )
    first, *_ = alive = executors(process)
    assert len(alive) == 2
    os.kill(first, signal.SIGKILL)
    if writers == 2:
        wait_until(lambda: len(mariadb_target.rows(WRITERS)) < 2, what="the dead executor is gone")
    out, _ = process.communicate(timeout=180)
    assert process.returncode == 0, out
    assert published(mariadb_target) == [("current", MOVIES)]
    assert mariadb_target.rows("SELECT SUM(rating_count) FROM app_recommendationdata") == [(RATED,)]
    # The lists that it kept were made again, and all are as one machine makes them.
    assert run_job(folder, sqlite_target).status == 0
    for query in LISTS:
        assert mariadb_target.rows(query) == sqlite_target.rows(query) != []


def test_a_job_killed_between_two_partitions_leaves_nothing_to_see(
    submit, mariadb_target, run_job, folder, without_files
):
    assert run_job(folder, mariadb_target).status == 0
    # Only the second half of the movies is slow: its partition is still open when the other
    # one has been committed.
    mariadb_target.execute(SLOW_ROWS.format(f"NEW.movie_id > {MOVIES // 2}"))
    process = submit()
    arrived = "SELECT COUNT(*) FROM app_recommendationdata WHERE run_id = 2"
    wait_until(lambda: mariadb_target.rows(arrived)[0][0] > 0, what="a partition is committed")
    kill_tree(process)
    assert published(mariadb_target) == [("current", MOVIES), ("loading", MOVIES // 2)]

    mariadb_target.execute("DROP TRIGGER slow")
    assert run_job(folder, mariadb_target).status == 0
    assert published(mariadb_target) == [("superseded", MOVIES), ("failed", 0), ("current", MOVIES)]


def test_a_cluster_cannot_write_a_file(submit, sqlite_target):
    process = submit("--database", sqlite_target.address, master="local-cluster[1,1,1024]")
    out, _ = process.communicate(timeout=180)
    assert process.returncode == 1
    assert "is a file on one machine, and Spark runs on local-cluster[1,1,1024]" in out
