"""The watch, with real threads: one asks the database, the others hardly ever wait for it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from app.edition import PATIENCE_SECONDS, Edition, Watch
from app.models import Run

SOON = 0.5
"""Seconds that mean at once, on a machine that does other things as well."""


def make_edition(run=1):
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    return Edition(Run(pk=run, started_at=moment), "revision", frozenset(), ())


class Database:
    """Stands for the real one: it can hang, fail, and say how often it was asked."""

    def __init__(self):
        self.asked = 0
        self.run = 1
        self.error = None
        self.answers = threading.Event()
        self.answers.set()

    def read(self):
        self.asked += 1
        self.answers.wait()
        if self.error:
            raise self.error
        return make_edition(self.run)


@pytest.fixture
def database():
    database = Database()
    yield database
    database.answers.set()  # let go of the thread that waits


@pytest.fixture
def watch(database):
    """It takes nothing as recent, so that each look is a question."""
    return Watch(database.read, reread_seconds=0)


def timed(look, **arguments):
    began = time.monotonic()
    return look(**arguments), time.monotonic() - began


def until_seen(watch, run):
    deadline = time.monotonic() + 10
    while (sighting := watch.look()).trouble or sighting.edition.run.pk != run:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return sighting


def test_the_database_is_asked_at_most_once_in_a_while(database):
    watch = Watch(database.read, reread_seconds=SOON)
    began = time.monotonic()
    while time.monotonic() - began < 3 * SOON:
        assert watch.look().edition == make_edition()
        time.sleep(0.001)
    assert 2 <= database.asked <= 4


def test_what_is_new_is_seen_after_that_while(database):
    watch = Watch(database.read, reread_seconds=SOON)
    watch.look()
    database.run = 2
    assert watch.look().edition.run.pk == 1
    time.sleep(SOON)
    assert watch.look().edition.run.pk == 2


def test_who_wants_to_know_now_is_told_what_is_now(database):
    watch = Watch(database.read, reread_seconds=60)
    watch.look()
    database.run = 2
    assert watch.look().edition.run.pk == 1
    assert watch.look(now=True).edition.run.pk == 2


def test_a_suspicion_lets_the_next_one_ask(database):
    watch = Watch(database.read, reread_seconds=60)
    watch.look()
    watch.suspect()
    watch.look()
    watch.look()
    assert database.asked == 2


def test_an_answer_that_takes_a_moment_is_waited_for(database, watch):
    database.answers.clear()
    threading.Timer(PATIENCE_SECONDS / 4, database.answers.set).start()
    sighting = watch.look()
    assert (sighting.edition, sighting.trouble) == (make_edition(), None)


def test_while_a_question_hangs_the_last_known_is_served(database, watch):
    known = watch.look()
    database.answers.clear()
    sighting, seconds = timed(watch.look)
    assert PATIENCE_SECONDS <= seconds < PATIENCE_SECONDS + SOON
    assert (sighting.edition, sighting.answered_at) == (known.edition, known.answered_at)
    assert sighting.trouble.members["reason"] == "database_unreachable"
    for now in (False, True):
        assert timed(watch.look, now=now)[1] < SOON
    assert database.asked == 2


def test_before_anything_was_seen_there_is_trouble_and_nothing_known(database, watch):
    database.answers.clear()
    sighting = watch.look()
    assert sighting.edition is None
    assert sighting.trouble
    assert watch.last.trouble


def test_what_hung_recovers_by_itself(database, watch):
    watch.look()
    database.answers.clear()
    assert watch.look().trouble
    database.run = 2
    database.answers.set()
    assert until_seen(watch, run=2).trouble is None
    assert not watch.last.trouble


def test_an_error_of_the_database_is_trouble_and_passes(database, watch):
    known = watch.look()
    database.error = OperationalError(2002, "Can't connect to server")
    sighting, seconds = timed(watch.look)
    assert seconds < SOON
    assert sighting.edition == known.edition
    assert sighting.trouble.members["reason"] == "database_unreachable"
    database.error = None
    assert until_seen(watch, run=1).answered_at > known.answered_at


def test_a_fault_of_ours_is_raised_to_everybody_who_looks(database, watch):
    watch.look()
    database.error = KeyError("a mistake")
    for _ in range(2):
        with pytest.raises(KeyError, match="a mistake"):
            watch.look()
    database.error = None
    assert watch.look().trouble is None


def test_threads_share_one_question(database, watch):
    database.answers.clear()
    with ThreadPoolExecutor(8) as readers:
        looks = [readers.submit(watch.look, now=True) for _ in range(8)]
        time.sleep(PATIENCE_SECONDS / 4)
        database.answers.set()
        assert [look.result().edition for look in looks] == [make_edition()] * 8
    assert database.asked == 1


def test_readers_who_come_late_do_not_wait_anew(database, watch):
    watch.look()
    database.answers.clear()
    began = time.monotonic()
    with ThreadPoolExecutor(4) as readers:
        for _ in range(4):
            readers.submit(watch.look)
            time.sleep(PATIENCE_SECONDS / 8)
    assert time.monotonic() - began < PATIENCE_SECONDS + SOON
