"""One publisher at a time, whatever names it knows the database by."""

import os
import subprocess
from pathlib import Path

import pytest

from spark_jobs.session import Spark
from spark_jobs.store import flip
from spark_jobs.store.address import parse_address
from spark_jobs.store.credentials import find_credentials
from spark_jobs.store.database import connect
from tests.support.targets import ROOT, SQLiteTarget, manage, statuses


def test_a_second_publisher_is_told_who_is_first(spark, write_input, run_job, target, monkeypatch):
    monkeypatch.setattr("spark_jobs.store.engine.LOCK_WAIT_SECONDS", 0)
    run_job(write_input(), target)  # sets the credentials, too
    first = parse_address(target.address)
    with (
        connect(Spark.of(spark), first, find_credentials(None)) as database,
        database.publish_lock(),
    ):
        outcome = run_job(write_input(), target)
    assert outcome.status == 1
    assert "another job is publishing" in outcome.err
    assert ("process " in outcome.err) or ("connection " in outcome.err)
    assert run_job(write_input(), target).status == 0


ALIASES = {
    "symbolic link": lambda path, folder: (folder / "link").symlink_to(path) or folder / "link",
    "hard link": lambda path, folder: (folder / "link").hardlink_to(path) or folder / "link",
    "relative path": lambda path, _: Path(os.path.relpath(path, ROOT)),
}


@pytest.mark.parametrize("alias", ALIASES)
def test_all_names_of_a_file_meet_the_same_lock(
    spark, write_input, run_job, sqlite_target, tmp_path, monkeypatch, alias
):
    monkeypatch.setattr("spark_jobs.store.engine.LOCK_WAIT_SECONDS", 0)
    monkeypatch.chdir(ROOT)
    run_job(write_input(), sqlite_target)
    other = SQLiteTarget(ALIASES[alias](sqlite_target.path, tmp_path))
    address = parse_address(sqlite_target.address)
    with (
        connect(Spark.of(spark), address, find_credentials(None)) as database,
        database.publish_lock(),
    ):
        assert f"(process {os.getpid()} (" in run_job(write_input(), other).err
        with pytest.raises(subprocess.CalledProcessError) as refused:
            manage(other, "runs", "purge")
        assert b"a job is publishing right now" in refused.value.stderr
    outcome = run_job(write_input(), other)
    assert outcome.status == 0
    assert ("2 names (hard links)" in outcome.err) == (alias == "hard link")
    assert statuses(sqlite_target) == ["superseded", "current"]


def test_a_run_that_somebody_took_for_dead_is_not_published(
    run_job, write_input, target, monkeypatch
):
    run_job(write_input(), target)
    check = flip._check_arrival

    def check_after_a_purge(database, run, appended):
        database.execute("UPDATE app_run SET status = 'failed' WHERE id = ?", run)
        check(database, run, appended)

    monkeypatch.setattr(flip, "_check_arrival", check_after_a_purge)
    outcome = run_job(write_input(), target)
    assert "run 2 is no longer loading" in outcome.err
    assert statuses(target)[0] == "current"


def test_the_site_s_commands_know_the_lock_of_the_job(spark, write_input, run_job, target):
    run_job(write_input(), target)
    address, credentials = parse_address(target.address), find_credentials(None)
    with connect(Spark.of(spark), address, credentials) as database, database.publish_lock():
        with pytest.raises(subprocess.CalledProcessError) as refused:
            manage(target, "runs", "purge")
        assert b"a job is publishing right now" in refused.value.stderr
    manage(target, "runs", "purge")
