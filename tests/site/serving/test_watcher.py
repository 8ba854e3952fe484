"""The watcher, with real threads: one asks the database, one loads, nobody else waits for long."""

import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import OperationalError

from app.catalogue.decisions import Decisions
from app.serving import watcher as watching
from app.serving.state import PublishedState, RunState
from app.serving.version import CatalogueVersion
from app.serving.watcher import PATIENCE_SECONDS, VersionWatcher
from tests.site.catalogue.catalogues import catalogue, figures

SOON = 0.5
"""Seconds that mean at once, on a machine that does other things as well."""


class Database:
    """Stands for the real one: it can hang, fail, and say how often it was asked.

    It is the store as well, which loads what is current.
    """

    def __init__(self):
        self.asked = self.loaded = 0
        self.run = 1
        self.decisions = Decisions()
        self.error = self.load_error = None
        self.answers, self.loads = threading.Event(), threading.Event()
        self.answers.set()
        self.loads.set()
        self.thread = ThreadPoolExecutor(1)
        self.kept = []

    def state(self):
        run = RunState(self.run, None, f"catalogue {self.run}", f"runs {self.run}")
        return PublishedState(run, self.decisions) if self.run else None

    def read(self):
        self.asked += 1
        self.answers.wait()
        if self.error:
            raise self.error
        return self.state()

    def load_current(self):
        state = self.state()
        self.loads.wait()
        if self.load_error:
            raise self.load_error
        self.loaded += 1
        one = catalogue({1: {"count": 60}})
        one = replace(one, run=figures(id=state.run.run_id), digest=state.run.catalogue)
        return CatalogueVersion(state, one, (one.run,), lambda *_: one)

    def submit(self, task):
        return self.thread.submit(task)


@pytest.fixture
def database(monkeypatch):
    database = Database()
    monkeypatch.setattr(watching, "keep_decisions", lambda *some: database.kept.extend(some))
    yield database
    database.answers.set()  # let go of the threads that wait
    database.loads.set()


@pytest.fixture
def watcher(database):
    """It takes nothing as recent, so that each check is a question."""
    return VersionWatcher(database.read, store=database, check_seconds=0)


def timed(check, **arguments):
    began = time.monotonic()
    return check(**arguments), time.monotonic() - began


def until(watcher, holds):
    deadline = time.monotonic() + 10
    while not holds(check := watcher.check()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return check


def shows(run):
    return lambda check: not check.error and check.version and check.version.run.id == run


def test_the_database_is_asked_at_most_once_in_a_while(database):
    watcher = VersionWatcher(database.read, store=database, check_seconds=SOON)
    began = time.monotonic()
    while time.monotonic() - began < 3 * SOON:
        assert watcher.check().version.run.id == 1
        time.sleep(0.001)
    assert 2 <= database.asked <= 4
    assert database.loaded == 1


def test_the_first_reader_waits_until_the_catalogue_is_loaded(database, watcher):
    database.loads.clear()
    threading.Timer(SOON, database.loads.set).start()
    assert watcher.check().version.run.id == 1


def test_a_new_run_is_loaded_aside_while_the_former_one_is_shown(database, watcher):
    watcher.check()
    database.run = 2
    database.loads.clear()
    for _ in range(3):
        check, seconds = timed(watcher.check)
        assert (check.version.run.id, check.error) == (1, None)
        assert seconds < SOON
    database.loads.set()
    until(watcher, shows(2))
    assert database.loaded == 2


def test_decisions_need_no_loading_and_the_former_ones_are_kept(database, watcher):
    former = watcher.check().version
    database.decisions = Decisions(frozenset([1]))
    version = watcher.check().version
    assert version.state.decisions == database.decisions
    assert version.catalogue is former.catalogue
    assert (version.token, version.revision) != (former.token, former.revision)
    until(watcher, lambda _: database.kept == [Decisions(), database.decisions])
    assert database.loaded == 1
    assert watcher.history.find(Decisions().digest) == Decisions()


def test_where_nothing_is_published_there_is_no_version(database, watcher):
    database.run = None
    check = watcher.check()
    assert (check.version, check.published, check.error) == (None, False, None)
    database.run = 1
    assert until(watcher, shows(1)).published
    database.run = None
    assert watcher.check().version is None


def test_a_catalogue_that_cannot_be_loaded_leaves_the_former_one(database, watcher, caplog):
    watcher.check()
    database.run, database.load_error = 2, KeyError("a mistake")
    for _ in range(3):
        assert watcher.check().version.run.id == 1
        until(watcher, lambda _: watcher._loading.done())
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_who_wants_to_know_now_is_told_what_is_now(database):
    watcher = VersionWatcher(database.read, store=database, check_seconds=60)
    watcher.check()
    database.decisions = Decisions(frozenset([1]))
    assert not watcher.check().version.state.decisions.hidden
    assert watcher.check(now=True).version.state.decisions.hidden


def test_trouble_that_somebody_met_lets_the_next_one_ask(database):
    watcher = VersionWatcher(database.read, store=database, check_seconds=60)
    watcher.check()
    watcher.invalidate()
    watcher.check()
    watcher.check()
    assert database.asked == 2


def test_an_answer_that_takes_a_moment_is_waited_for(database, watcher):
    database.answers.clear()
    threading.Timer(PATIENCE_SECONDS / 4, database.answers.set).start()
    check = watcher.check()
    assert (check.version.run.id, check.error) == (1, None)


def test_while_a_question_hangs_the_last_version_is_shown(database, watcher):
    known = watcher.check()
    database.answers.clear()
    check, seconds = timed(watcher.check)
    assert PATIENCE_SECONDS <= seconds < PATIENCE_SECONDS + SOON
    assert (check.version, check.answered_at) == (known.version, known.answered_at)
    assert isinstance(check.error, OperationalError)
    for now in (False, True):
        assert timed(watcher.check, now=now)[1] < SOON
    assert database.asked == 2


def test_before_anything_was_loaded_there_is_an_error_and_no_version(database, watcher):
    database.answers.clear()
    check = watcher.check()
    assert (check.version, bool(check.error)) == (None, True)
    assert watcher.last.error


def test_what_hung_recovers_by_itself(database, watcher):
    watcher.check()
    database.answers.clear()
    assert watcher.check().error
    database.run = 2
    database.answers.set()
    until(watcher, shows(2))


def test_an_error_of_the_database_passes(database, watcher):
    known = watcher.check()
    database.error = OperationalError(2002, "Can't connect to server")
    check, seconds = timed(watcher.check)
    assert seconds < SOON
    assert (check.version, check.error) == (known.version, database.error)
    database.error = None
    assert until(watcher, shows(1)).answered_at > known.answered_at


def test_a_fault_of_ours_is_raised_to_everybody_who_checks(database, watcher):
    watcher.check()
    database.error = KeyError("a mistake")
    for _ in range(2):
        with pytest.raises(KeyError, match="a mistake"):
            watcher.check()
    database.error = None
    assert watcher.check().error is None


def test_threads_share_one_question(database, watcher):
    database.answers.clear()
    with ThreadPoolExecutor(8) as readers:
        checks = [readers.submit(watcher.check, now=True) for _ in range(8)]
        time.sleep(PATIENCE_SECONDS / 4)
        database.answers.set()
        assert {check.result().version.run.id for check in checks} == {1}
    assert (database.asked, database.loaded) == (1, 1)


def test_readers_who_come_late_do_not_wait_anew(database, watcher):
    watcher.check()
    database.answers.clear()
    began = time.monotonic()
    with ThreadPoolExecutor(4) as readers:
        for _ in range(4):
            readers.submit(watcher.check)
            time.sleep(PATIENCE_SECONDS / 8)
    assert time.monotonic() - began < PATIENCE_SECONDS + SOON


def test_before_a_fork_no_thread_is_started(database, watcher):
    before = set(threading.enumerate())
    watcher.load_before_fork()
    gc.unfreeze()
    assert not set(threading.enumerate()) - before
    assert watcher.last.version.run.id == 1
