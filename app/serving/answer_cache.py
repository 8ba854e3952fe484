"""The answers that a process caches as bytes, up to READ_CACHE_MB megabytes.

An answer is never stale: the version of the catalogue is part of its key. Without the cache, a
list costs twice as much as an empty view.
"""

import gzip
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from cachetools import LRUCache
from prometheus_client import Counter

OVERHEAD = 1_000
"""Bytes that each entry takes besides its body: the object, its key, its headers."""
LEAST_COMPRESSED = 500
OUTCOMES = ("hit", "miss", "not_modified", "stale", "unavailable")
counter = Counter(
    "recsys_read_cache", "Lookups in the read cache by outcome.", ["outcome"], registry=None
)
_counters = {outcome: counter.labels(outcome) for outcome in OUTCOMES}


def count(outcome: str) -> None:
    """Count one of OUTCOMES; `stale` is an answer given while the database was unavailable."""
    _counters[outcome].inc()


@dataclass(frozen=True)
class Answer:
    """A body and its headers."""

    body: bytes
    content_type: str
    headers: dict[str, str]

    @cached_property
    def compressed(self) -> bytes | None:
        """The body as gzip, compressed once; None if that is not worth it."""
        if len(self.body) < LEAST_COMPRESSED:
            return None
        # No timestamp: equal bodies give equal bytes.
        return gzip.compress(self.body, compresslevel=6, mtime=0)

    @property
    def size(self) -> int:
        # Compressed, a list is a fifth of its size, a short answer half; this is always counted.
        return OVERHEAD + len(self.body) + len(self.body) // 4


class AnswerCache:
    """A thread-safe cache that evicts the least recently used answers."""

    def __init__(self, most_bytes: int) -> None:
        self._lock = Lock()
        self._answers = LRUCache[Hashable, Answer](most_bytes, getsizeof=lambda one: one.size)

    def get(self, key: Hashable) -> Answer | None:
        with self._lock:
            return self._answers.get(key)

    def put(self, key: Hashable, answer: Answer) -> None:
        if answer.size <= self._answers.maxsize:
            with self._lock:
                self._answers[key] = answer

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
