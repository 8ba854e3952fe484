"""Readers who ask a site all the time, from many threads, and keep every answer to be judged."""

import json
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPMessage
from typing import Any

READERS = 8
PAUSE_SECONDS = 0.01
"""Between two requests of a reader: the readers shall not take the machine from the site."""
ACCEPT = "text/html, */*;q=0.9"
"""As browsers send it: addresses that are JSON are so all the same."""


@dataclass(frozen=True)
class Answer:
    """What came back; times are monotonic seconds."""

    path: str
    status: int
    headers: HTTPMessage
    body: bytes
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @cached_property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Load:
    """All answers, in the order in which they came, and what was no answer at all."""

    answers: list[Answer] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def to(self, *paths: str, since: float = float("-inf")) -> list[Answer]:
        """The answers to requests for these addresses, whatever their parameters."""
        return [a for a in self.answers if a.path.split("?")[0] in paths and a.began >= since]

    @property
    def longest(self) -> float:
        return max((answer.seconds for answer in self.answers), default=0.0)

    def __str__(self) -> str:
        statuses = Counter(answer.status for answer in self.answers)
        return (
            f"{len(self.answers)} answers {dict(sorted(statuses.items()))}, "
            f"{len(self.failed)} failed, the longest {self.longest:.2f} s"
        )


class Reader:
    """One client; it keeps its connection, or opens one for each request."""

    def __init__(self, address: str, *, keeps: bool = False) -> None:
        url = urllib.parse.urlsplit(address)
        self._connection = HTTPConnection(url.hostname or "", url.port, timeout=30)
        self._headers = {"Accept": ACCEPT} | ({} if keeps else {"Connection": "close"})

    def get(self, path: str) -> Answer:
        began = time.monotonic()
        try:
            self._connection.request("GET", path, headers=self._headers)
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, HTTPException):
            self._connection.close()
            raise
        return Answer(path, response.status, response.headers, body, began, time.monotonic())


@contextmanager
def load(address: str, paths: Iterable[str], *, readers: int = READERS) -> Iterator[Load]:
    """Ask for the paths, one after the other, for as long as the block lasts."""
    found, over, todo, lock = Load(), threading.Event(), iter(paths), threading.Lock()

    def read(reader: Reader) -> None:
        while not over.wait(PAUSE_SECONDS):
            with lock:
                path = next(todo)
            try:
                found.answers.append(reader.get(path))
            except (OSError, HTTPException) as error:
                found.failed.append(f"{path}: {error!r}")

    clients = [Reader(address, keeps=number % 2 == 0) for number in range(readers)]
    threads = [threading.Thread(target=read, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        over.set()
        for thread in threads:
            thread.join()
