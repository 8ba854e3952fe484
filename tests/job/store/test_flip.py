"""Locks of others and a lost connection at the one moment that readers notice."""

from contextlib import ExitStack, closing, contextmanager

import pytest

from spark_jobs.store import flip
from tests.support.targets import MariaDBTarget

STATUSES = "SELECT status FROM app_run ORDER BY id"


@pytest.fixture
def published(run_job, write_input, mariadb_target, monkeypatch):
    """A target with a current run, and a job that waits for locks as briefly as it can."""
    assert run_job(write_input(), mariadb_target).status == 0
    monkeypatch.setattr(flip, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(
        "spark_jobs.store.mysql.connection.SESSION", {"innodb_lock_wait_timeout": "1"}
    )
    return mariadb_target


@contextmanager
def locked(target):
    """Somebody, an administrator perhaps, keeps the catalogue locked, which the flip changes."""
    with closing(target.server.connect(db=target.schema)) as connection:
        connection.cursor().execute("SELECT * FROM app_movie FOR UPDATE")
        yield connection


def error_of(outcome):
    assert outcome.status == 1
    (line,) = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    return line


def test_a_lock_that_stays_is_an_error_that_names_its_holder(run_job, write_input, published):
    with locked(published) as holder:
        line = error_of(run_job(write_input(), published))
        assert f"it seems connection {holder.thread_id()} of root from localhost" in line
    assert "Lock wait timeout exceeded" in line
    assert "gave up after 3 attempts, nothing was published" in line


def test_a_lock_that_goes_away_is_waited_for(run_job, write_input, published, monkeypatch):
    warnings = []
    with ExitStack() as lock:
        lock.enter_context(locked(published))

        def warn(message):
            warnings.append(message)
            lock.close()

        monkeypatch.setattr(flip, "warn", warn)
        outcome = run_job(write_input(), published)
    assert outcome.status == 0, outcome.err
    (warning,) = warnings
    assert "Lock wait timeout" in warning
    assert published.rows(STATUSES) == [("superseded",), ("current",)]


def test_a_user_who_may_not_see_the_holder_is_told_how(
    run_job, write_input, published, monkeypatch
):
    published.execute("CREATE USER modest IDENTIFIED BY 'pw'")
    published.execute(f"GRANT ALL ON `{published.schema}`.* TO modest")
    environment = published.environment | {"DB_USER": "modest", "DB_PASSWORD": "pw"}
    monkeypatch.setattr(MariaDBTarget, "environment", environment)
    monkeypatch.setattr(flip, "ATTEMPTS", 1)
    with locked(published):
        line = error_of(run_job(write_input(), published))
    published.execute("DROP USER modest")
    assert "cannot see without GRANT PROCESS ON *.*" in line
    assert published.rows(STATUSES) == [("current",), ("failed",)]


def kill(database, target):
    ((connection,),) = database.query("SELECT CONNECTION_ID()")
    target.execute(f"KILL {connection}")


def test_a_connection_that_is_lost_in_the_flip_tells_that_nothing_was_published(
    run_job, write_input, published, monkeypatch
):
    take_over = flip._take_over_catalogue

    def take_over_and_die(database, run):
        take_over(database, run)
        kill(database, published)

    monkeypatch.setattr(flip, "_take_over_catalogue", take_over_and_die)
    line = error_of(run_job(write_input(), published))
    assert "Communications link failure (Can not read response from server" in line
    assert line.endswith("nothing was published: run the job again")
    assert published.rows(STATUSES)[0] == ("current",)


class CommitsAndDies:
    """A connection whose server commits, but whose answer does not arrive any more."""

    def __init__(self, database, target):
        self.database, self.target, self.connection = database, target, database.connection

    def commit(self):
        self.connection.commit()
        self.database.connection = self.connection
        kill(self.database, self.target)
        self.connection.commit()

    def __getattr__(self, name):
        return getattr(self.connection, name)


def test_a_connection_that_is_lost_after_the_commit_tells_that_the_run_is_current(
    run_job, write_input, published, monkeypatch
):
    take_over = flip._take_over_catalogue

    def take_over_and_prepare(database, run):
        take_over(database, run)
        database.connection = CommitsAndDies(database, published)

    monkeypatch.setattr(flip, "_take_over_catalogue", take_over_and_prepare)
    line = error_of(run_job(write_input(), published))
    assert "run 2 is current anyway" in line
    assert published.rows(STATUSES) == [("superseded",), ("current",)]


def test_a_database_that_is_gone_for_good_leaves_the_question_open(
    run_job, write_input, published, monkeypatch
):
    def die(database, _):
        kill(database, published)
        monkeypatch.setattr(MariaDBTarget, "environment", {})
        database.credentials = type(database.credentials)("nobody", "")

    monkeypatch.setattr(flip, "_take_over_catalogue", die)
    line = error_of(run_job(write_input(), published))
    assert "whether run 2 became current is not known (" in line
    assert "`python manage.py runs` shows it" in line
