"""An outage of the database: what readers ask meanwhile, and what is wrong with an answer."""

import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.load import Answer, Load, Reader, load
from tests.support.processes import descendants, wait_until

MOVIES = 30
KNOWN = ("/stats/", "/api/genres/", "/api/movies/3/", "/api/runs/")
NEW = "/recommendations/"
PAGES = ("/", "/movies/", "/nowhere/")
HEALTH, ALIVE = "/health/", "/health/live/"
REASONS = {"database_unreachable"}
numbers = itertools.count()


def new() -> str:
    """An address that nobody has asked for before."""
    return f"{NEW}?limit=5&min_ratings=1&offset={next(numbers)}"


def everything() -> Iterator[str]:
    """Addresses of all kinds, in turn."""
    for known, page in itertools.cycle(zip(itertools.cycle(KNOWN), PAGES * 4)):
        yield from (known, new(), HEALTH, page, new(), ALIVE)


@dataclass
class Place:
    """A site, ways to take its database away and give it back, and what it answers when well."""

    address: str
    master: int
    lose: Callable[[], None]
    regain: Callable[[], None]
    workers: int = 2
    bodies: dict[str, bytes] = field(default_factory=dict)

    def learn(self) -> None:
        """Every worker is asked for what shall be known, while the others stand still."""
        wait_until(lambda: len(descendants(self.master)) == self.workers)
        workers = descendants(self.master)
        for worker in workers:
            with stopped(set(workers) - {worker}):
                answers = [Reader(self.address).get(path) for path in KNOWN]
            assert [answer.status for answer in answers] == [200] * len(KNOWN)
            self.bodies |= {answer.path: answer.body for answer in answers}


@dataclass
class Outage:
    """What was answered while the database was away, and how long the way back took."""

    place: Place
    lost: float
    load: Load
    seconds_back: float
    after: Load


@contextmanager
def stopped(processes: set[int]) -> Iterator[None]:
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def until_all_is_well(place: Place) -> tuple[float, Load]:
    """Seconds until readers get nothing but whole, fresh answers, and those answers."""
    began = time.monotonic()
    while True:
        with load(place.address, everything()) as found:
            time.sleep(0.5)
        if not any(what_is_wrong(place, answer) or is_refused(answer) for answer in found.answers):
            return time.monotonic() - began, found
        if time.monotonic() - began > 30:
            raise TimeoutError(f"the site does not recover: {found}")


def is_refused(answer: Answer) -> bool:
    return answer.status == 503 or "Age" in answer.headers


def what_is_wrong(place: Place, answer: Answer) -> str:
    """Nothing, of an answer that is right or a refusal as the documents have it."""
    path, status = answer.path, answer.status
    if status == 503:
        return _in_a_refusal(answer)
    if status != (404 if path == "/nowhere/" else 200):
        return f"{path}: {status}"
    if path in KNOWN and answer.body != place.bodies[path]:
        return f"{path}: another body"
    if path.startswith(NEW):
        first = int(path.rpartition("=")[2]) + 1
        expected = list(range(first, min(first + 5, MOVIES + 1)))
        if [item["movie_id"] for item in answer.json["results"]] != expected:
            return f"{path}: other movies"
    return ""


def _in_a_refusal(answer: Answer) -> str:
    kind = answer.headers.get_content_type()
    if not answer.headers["Retry-After"] or answer.headers["Cache-Control"] != "no-store":
        return f"{answer.path}: a 503 without what belongs to it"
    if answer.path in PAGES:
        return "" if kind == "text/html" else f"{answer.path}: not a page"
    if kind != "application/problem+json" or answer.json["reason"] not in REASONS:
        return f"{answer.path}: not the problem that it is"
    return ""


def all_that_is_wrong(place: Place, found: Load) -> list[str]:
    return [wrong for answer in found.answers if (wrong := what_is_wrong(place, answer))]
