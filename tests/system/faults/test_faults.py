"""The database goes away while the site serves: killed, frozen, or behind a network that fails.

Eight readers ask all the while, and every answer is judged. All of the loaded run goes on being
answered, asked for before or not, pages as well; only what was never loaded is a 503. Nothing else
may go wrong, and nothing needs a restart.
"""

import itertools
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.load import Load, Reader, load
from tests.support.mariadb import start
from tests.support.processes import descendants, wait_until
from tests.support.proxy import Proxy, proxy
from tests.support.server import gunicorn
from tests.support.targets import MariaDBTarget, MariaDBTargets, manage
from tests.system.faults.outages import (
    ALIVE,
    HEALTH,
    KNOWN,
    MOVIES,
    NEW,
    Outage,
    Place,
    all_that_is_wrong,
    everything,
    until_all_is_well,
)

PUBLISH = f"""
from tests.site.factories import make_models, make_ranking, make_run, make_user_list, make_weights
run = make_run()
movies = make_ranking(run, {MOVIES}, genres=("Drama",))
make_models(run, users=1)
make_weights(run, movies[0], (5, 100))
make_user_list(run, 42, (5, 1.0, (1, 0, 0), (1.0, 0.0, 0.0)))
"""
BOUND_SECONDS = 10
"""No answer takes longer, whatever becomes of the database."""
KNOWN_SECONDS = 3
NOTICE_SECONDS = 2
BACK_SECONDS = 8


@pytest.fixture(scope="module")
def target(server) -> MariaDBTarget:
    target = MariaDBTargets(server).template
    manage(target, "shell", "--no-imports", "--command", PUBLISH)
    return target


@pytest.fixture(scope="module")
def log(tmp_path_factory) -> Path:
    """Where the sites complain, a line for each refusal."""
    return tmp_path_factory.mktemp("log") / "log"


@pytest.fixture(scope="module")
def near(target, server, log) -> Iterator[Place]:
    """A site right at the database."""

    def kill() -> None:
        server.process.kill()
        server.process.wait()

    def start_again() -> None:
        _, server.process = start(server.folder, server.port)

    with gunicorn(target, log=log) as (process, address):
        yield Place(address, process.pid, kill, start_again)


@pytest.fixture(scope="module")
def network(server) -> Iterator[Proxy]:
    with proxy(server.port) as network:
        yield network


@pytest.fixture(scope="module")
def far(target, network, log) -> Iterator[Place]:
    """A site that reaches the database over a network."""
    with gunicorn(target, log=log, DB_PORT=str(network.port)) as (process, address):
        yield Place(address, process.pid, network.frozen.set, network.frozen.clear)


@pytest.fixture(scope="module", params=["killed", "frozen", "silent"])
def outage(request, near, far, server) -> Outage:
    """The database is away for longer than anybody waits for it; then it is back."""
    place = far if request.param == "silent" else near
    if request.param == "frozen":
        place.lose = lambda: os.kill(server.process.pid, signal.SIGSTOP)
        place.regain = lambda: os.kill(server.process.pid, signal.SIGCONT)
    place.learn()
    with load(place.address, everything()) as found:
        time.sleep(1)
        lost = time.monotonic()
        place.lose()
        time.sleep(4 if request.param == "killed" else 7)
    place.regain()
    seconds, after = until_all_is_well(place)
    print(f"{request.param}: {found}; all is well after {seconds:.1f} s: {after}")
    return Outage(place, lost, found, seconds, after)


def test_no_answer_is_wrong_or_missing(outage):
    assert outage.load.failed == []
    assert all_that_is_wrong(outage.place, outage.load) == []
    assert len(outage.load.answers) > 200


def test_nobody_waits_for_longer_than_the_bound(outage):
    assert outage.load.longest < BOUND_SECONDS


def test_all_of_the_loaded_run_goes_on_being_served_marked_as_old(outage):
    served = outage.load.to(*KNOWN, NEW, "/", "/movies/", since=outage.lost + NOTICE_SECONDS)
    assert {answer.status for answer in served} == {200}
    for answer in served:
        away = answer.ended - outage.lost
        assert answer.headers["Cache-Status"].startswith("recsys; hit; ttl=-")
        assert away - NOTICE_SECONDS < int(answer.headers["Age"]) < away + NOTICE_SECONDS
    for paths in (KNOWN, (NEW,), ("/", "/movies/")):
        assert len(outage.load.to(*paths, since=outage.lost + NOTICE_SECONDS)) > 10


def test_answers_stay_fast(outage):
    served = outage.load.to(*KNOWN, NEW, "/", "/movies/")
    assert max(answer.seconds for answer in served) < KNOWN_SECONDS
    assert {answer.status for answer in served} == {200}


def test_health_says_so_within_two_seconds(outage):
    asked = outage.load.to(HEALTH, since=outage.lost)
    first = min(answer.ended for answer in asked if answer.status == 503)
    print(f"health says so after {first - outage.lost:.2f} s")
    assert first - outage.lost < NOTICE_SECONDS
    assert {answer.status for answer in asked if answer.began > first} == {503}
    assert len(asked) > 20


def test_liveness_does_not_depend_on_the_database(outage):
    asked = outage.load.to(ALIVE, since=outage.lost)
    assert {answer.status for answer in asked} == {200}
    assert len(asked) > 20


def test_a_page_that_is_not_there_needs_no_database(outage):
    asked = outage.load.to("/nowhere/", since=outage.lost)
    assert {answer.status for answer in asked} == {404}
    assert max(answer.seconds for answer in asked) < KNOWN_SECONDS
    assert len(asked) > 5


def test_when_the_database_is_back_so_is_everything(outage):
    assert outage.seconds_back < BACK_SECONDS
    assert outage.after.failed == []
    assert {answer.status for answer in outage.after.to(*KNOWN, NEW, HEALTH)} == {200}
    assert not any("Age" in answer.headers for answer in outage.after.answers)
    assert len(outage.after.answers) > 20


def test_visitors_are_recommended_to_from_memory_and_users_lists_come_back(target, network, log):
    with gunicorn(target, log=log, DB_PORT=str(network.port)) as (process, address):
        place = Place(address, process.pid, network.frozen.set, network.frozen.clear)
        place.learn()
        place.lose()
        reader = Reader(address)
        wait_until(lambda: reader.get(HEALTH).status == 503)
        visitor, user = (f"/recommendations/?{who}" for who in ("like=1", "user=42"))
        found = reader.get(visitor)
        assert (found.status, found.json["results"][0]["movie_id"]) == (200, 5)
        assert found.headers["Cache-Status"].startswith("recsys; hit; ttl=-")
        refused = reader.get(user)
        assert (refused.status, refused.json["reason"]) == (503, "database_unreachable")
        assert refused.seconds < KNOWN_SECONDS
        place.regain()
        wait_until(lambda: reader.get(user).status == 200)


@pytest.fixture(params=[50, 500])
def milliseconds(request, network) -> Iterator[int]:
    """So long takes every packet."""
    network.delay = request.param / 1000
    yield request.param
    network.delay = 0.0


def test_a_worker_that_is_due_for_replacement_stays_for_what_it_knows(target, network, log):
    few = {"WEB_CONCURRENCY": "1", "GUNICORN_CMD_ARGS": "--max-requests 40 --max-requests-jitter 0"}
    with gunicorn(target, log=log, DB_PORT=str(network.port), **few) as (process, address):
        place = Place(address, process.pid, network.frozen.set, network.frozen.clear, 1)
        place.learn()
        (worker,) = descendants(process.pid)
        place.lose()
        wait_until(lambda: Reader(address).get(HEALTH).status == 503)
        with load(address, itertools.cycle(KNOWN)) as found:
            wait_until(lambda: len(found.answers) > 200)
        place.regain()
        assert {answer.status for answer in found.answers} == {200}
        assert descendants(process.pid) == [worker]
        with load(address, everything()) as found:
            wait_until(lambda: worker not in descendants(process.pid), what="the replacement")
        assert found.failed == []


def test_a_slow_network_makes_no_answer_wrong(far, milliseconds):
    with load(far.address, everything()) as found:
        time.sleep(4)
    print(f"{milliseconds} ms: {found}; new: {Load(found.to(NEW))}")
    assert found.failed == []
    assert all_that_is_wrong(far, found) == []
    assert found.longest < BOUND_SECONDS
    assert {answer.status for answer in found.to(*KNOWN)} == {200}
    assert len(found.answers) > 20
