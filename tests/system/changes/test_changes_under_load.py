"""What changes while the site serves: its processes, the published run, what curators decide.

Eight readers ask all the while. None of them may be failed, and no answer may be a mixture.
"""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

import pytest

from tests.support.load import Answer, Load, Reader, load
from tests.support.processes import descendants, wait_until
from tests.support.server import gunicorn, site
from tests.support.targets import ROOT
from tests.system.changes.generations import (
    LIST,
    MOVIES,
    STATS,
    Direct,
    Generation,
    _last_word,
    check_nothing_failed,
    generation_of,
    has_content,
    lists,
    run_of,
)

SEEN_SECONDS = 3
"""A change is seen within a second; a busy machine is given a little more."""


@pytest.fixture
def database(mariadb_target) -> Direct:
    """With the first generation published."""
    database = Direct(mariadb_target)
    Generation(0).publish(database)
    return database


@pytest.fixture
def served(database, mariadb_target, tmp_path):
    with site(mariadb_target, log=tmp_path / "log") as address:
        yield address


def test_a_publish_is_seen_whole_and_at_once(served, database):
    published = [(1, 0, time.monotonic())]
    with load(served, lists()) as found:
        for number in range(1, 13):
            time.sleep(1.5 if number in (1, 7) else 0.1)
            run = Generation(number).publish(database)
            published.append((run, number, time.monotonic()))
        wait_until(lambda: all(run_of(answer) == run for answer in found.answers[-20:]), seconds=5)
    print(found, f"seen after {max(delays(found, published)):.2f} s at the latest")
    check_nothing_failed(found, least=300)
    runs = {number: run for run, number, _ in published}
    told = [answer for answer in found.answers if has_content(answer)]
    assert [a for a in told if runs[generation_of(a)] != run_of(a)] == []
    assert {run_of(answer) for answer in told} >= {runs[0], runs[6], runs[12]}
    assert max(delays(found, published)) < SEEN_SECONDS


def delays(found: Load, published: Sequence[tuple[int, int, float]]) -> Iterator[float]:
    """For each answer that is of an earlier run: how long ago the next one was published."""
    yield 0.0
    when = {run: at for run, _, at in published}
    following = dict(itertools.pairwise(sorted(when)))
    for answer in found.answers:
        if successor := following.get(run_of(answer)):
            yield answer.began - when[successor]


CURATE = """
import time
from app.models import Curation

HIDE, PIN = {"movie_id": 3, "hidden": True}, {"movie_id": 9, "pinned_position": 1}

def tell(state):
    print(time.monotonic(), state, flush=True)

def go_round(pause):
    Curation.objects.create(**HIDE)
    tell("hidden")
    time.sleep(pause)
    Curation.objects.create(**PIN)
    tell("both")
    time.sleep(pause)
    Curation.objects.filter(movie_id=3).delete()
    tell("pinned")
    time.sleep(pause)
    Curation.objects.filter(movie_id=9).delete()
    tell("plain")
    time.sleep(pause)

for _ in range(10):
    go_round(0.03)
go_round(1.2)
"""
PLAIN = list(range(1, MOVIES + 1))
STATES = {
    "plain": PLAIN,
    "hidden": [id_ for id_ in PLAIN if id_ != 3],
    "pinned": [9] + [id_ for id_ in PLAIN if id_ != 9],
    "both": [9] + [id_ for id_ in PLAIN if id_ not in (3, 9)],
}


def curated_lists() -> Iterator[str]:
    for limit in itertools.cycle(range(20, 100)):
        yield from (LIST, f"{LIST}?limit={limit}", STATS)


def state_of(answer: Answer) -> str:
    """The one whose list the answer shows; ValueError where it is none of them."""
    body = answer.json
    items = body["top"] if answer.path == STATS else body["results"]
    shown = [item["movie_id"] for item in items]
    (state,) = [state for state, ids in STATES.items() if ids[: len(shown)] == shown]
    lifted = [item["movie_id"] for item in items if item["pinned"]]
    assert lifted == ([9] if state in ("pinned", "both") else [])
    assert body.get("count", len(STATES[state])) == len(STATES[state])
    return state


def test_what_curators_decide_is_seen_whole_and_soon(served, mariadb_target):
    command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", CURATE]
    with load(served, curated_lists()) as found:
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | {"ENV_FILE": "/dev/null"}
            | mariadb_target.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        time.sleep(1.2)
    spans = spans_of(done.stdout)
    check_nothing_failed(found, least=300)
    shown = [state_of(answer) for answer in found.answers]
    pairs = zip(found.answers, shown, strict=True)
    late = max(age_of(state, answer, spans) for answer, state in pairs)
    print(found, f"seen after {late:.2f} s at the latest")
    assert (len(spans), set(shown)) == (45, set(STATES))
    assert late < SEEN_SECONDS


def spans_of(told: str) -> list[tuple[str, float, float]]:
    """(state, since, until), of what the loop of `CURATE` printed."""
    times, states = zip(*(line.split() for line in told.splitlines()), strict=True)
    moments = [float("-inf"), *map(float, times), float("inf")]
    return list(zip(("plain", *states), moments, moments[1:], strict=False))


def age_of(state: str, answer: Answer, spans: list[tuple[str, float, float]]) -> float:
    """How long before the request the state that was shown had ended; 0 where it had not."""
    ends = [end for name, begin, end in spans if name == state and begin < answer.ended]
    return max(0.0, answer.began - max(ends, default=answer.began))


def walk(address: str, path: str) -> tuple[list[dict], int]:
    """The items of all pages of a list, as `next` leads on, and how many the first counts."""
    reader, items, count = Reader(address), [], None
    url: str | None = f"{address}{path}"
    while url:
        answer = reader.get(url.removeprefix(address))
        assert answer.status == 200, (url, answer.body)
        page = answer.json
        assert page["notice"] is None, url
        items += page["results"]
        count = page["count"] if count is None else count
        url = page["next"]
        time.sleep(0.02)
    assert count is not None
    return items, count


def test_who_pages_on_meets_no_repeats_and_no_gaps(served, database, mariadb_target):
    command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", CURATE]
    environment = os.environ | {"ENV_FILE": "/dev/null"} | mariadb_target.environment
    walks: list[tuple[list[dict], int]] = []
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as curator:
        number, due = 0, time.monotonic()
        while curator.poll() is None:
            if time.monotonic() > due:
                number, due = number + 1, time.monotonic() + 2
                Generation(number).publish(database)
            for query in ("?limit=7", "?genre=Drama&limit=9", "?q=movie&order=year&limit=8"):
                walks.append(walk(served, f"{LIST}{query}"))
    assert curator.returncode == 0
    assert number > 2
    assert len(walks) > 12
    for items, count in walks:
        assert len({item["movie_id"] for item in items}) == len(items) == count
        assert [item["position"] for item in items] == list(range(1, count + 1))
        assert len({item["rating_count"] for item in items}) == 1
        assert len({_last_word(item["title"]) for item in items}) == 1


def test_a_reload_fails_nobody(database, mariadb_target, tmp_path):
    with (
        gunicorn(mariadb_target, log=tmp_path / "log") as (process, address),
        load(address, lists()) as found,
    ):
        for _ in range(2):
            before = set(descendants(process.pid))
            time.sleep(0.5)
            process.send_signal(signal.SIGHUP)
            wait_until(lambda old=before: not old & set(descendants(process.pid)))
        time.sleep(0.5)
    print(found)
    check_nothing_failed(found, least=200)
    assert {generation_of(answer) for answer in found.answers if has_content(answer)} == {0}


def test_workers_that_are_replaced_fail_nobody(database, mariadb_target, tmp_path):
    few = {"GUNICORN_CMD_ARGS": "--max-requests 60 --max-requests-jitter 20"}
    workers = set()
    with (
        gunicorn(mariadb_target, log=tmp_path / "log", **few) as (process, address),
        load(address, lists()) as found,
    ):
        end = time.monotonic() + 4
        while time.monotonic() < end:
            workers |= set(descendants(process.pid))
            time.sleep(0.05)
    print(f"{found}, {len(workers)} workers")
    check_nothing_failed(found, least=200)
    assert {generation_of(answer) for answer in found.answers if has_content(answer)} == {0}
    assert len(workers) >= 4
