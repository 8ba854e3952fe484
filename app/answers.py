"""Answers as bytes: kept in memory, compressed once, and told apart by validators.

Key of an answer is (edition, question); the question is an address with its parameters in
their canonical form. So an answer never goes stale: another edition has other keys.
"""

import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from sys import getsizeof
from threading import Lock
from typing import Any, TypeVar

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date, parse_etags
from pydantic_core import to_json

from app import edition
from app.edition import Edition, Sighting
from app.ops.metrics import count_cache
from app.problems import DATABASE_ERRORS, database_problem, nothing_published
from app.snapshot import one_moment

VERSION = "1.1.0"
"""Of the API. It is part of every ETag: raise it when the shape of an answer changes."""
CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=30"
STALE_WARNING = '110 - "Response is Stale"'
LEAST_COMPRESSED = 500
OVERHEAD = 1_000
"""Bytes that each entry takes beside what it holds: the object, its key, its place."""
T = TypeVar("T")


@dataclass
class Answer:
    """The bytes of an answer and its validators; nothing here ever changes."""

    body: bytes
    etag: str
    last_modified: str

    @cached_property
    def compressed(self) -> bytes:
        # No time stamp: equal bodies give equal bytes.
        return gzip.compress(self.body, compresslevel=6, mtime=0)

    def __sizeof__(self) -> int:
        # Compressed, a list has a fifth of its size and a short answer half; it is always counted.
        return len(self.body) + len(self.body) // 4


class Memory:
    """What is known, up to so many bytes; what was not asked for longest goes first."""

    def __init__(self, most_bytes: int) -> None:
        self._lock = Lock()
        self._found: LRUCache[Any, Any] = LRUCache(most_bytes, getsizeof=_size)

    def get(self, key: Any) -> Any:
        with self._lock:
            return self._found.get(key)

    def put(self, key: Any, value: Any) -> None:
        if _size(value) <= self._found.maxsize:
            with self._lock:
                self._found[key] = value

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


def _size(value: Any) -> int:
    return OVERHEAD + getsizeof(value)


memory = Memory(settings.READ_CACHE_MB * 1_000_000)
parts = Memory(4_000_000 if settings.READ_CACHE_MB else 0)
"""Known answers; and what several answers need."""
addresses = Memory(4_000_000)
LONGEST_ADDRESS = 1_000
"""Address -> (its question, where it leads); in characters, longer ones are read anew."""


def address(request: HttpRequest) -> tuple[str, str]:
    """(path, query): a path may hold question marks of its own."""
    return request.path_info, request.META.get("QUERY_STRING", "")


def answer(request: HttpRequest, question: str, build: Callable[[Edition], Any]) -> HttpResponse:
    """The known answer to a question, or a new one made of what `build` returns.

    Raises Problem: 503 where the answer is not known and cannot be made, or what `build` raises.
    """
    sighting = edition.watch.look()
    path, query = address(request)
    if len(path) + len(query) <= LONGEST_ADDRESS:
        addresses.put((path, query), (question, request.resolver_match))
    known = find(request, question, sighting)
    if known is not None:
        return known
    if sighting.trouble:
        count_cache("shed")
        sighting.refuse_in_trouble()
    count_cache("miss")
    return respond(request, _make(question, build))


def find(request: HttpRequest, question: str, sighting: Sighting) -> HttpResponse | None:
    """The answer to a question, as far as it is known."""
    if sighting.edition is None:
        return None
    known = memory.get((sighting.edition.key, question))
    if known is None:
        return None
    response = respond(request, known)
    fresh = "not_modified" if response.status_code == 304 else "hit"
    count_cache("stale" if sighting.trouble else fresh)
    if sighting.trouble:
        response["Age"] = str(round(time.monotonic() - sighting.answered_at))
        response["Warning"] = STALE_WARNING
    return response


def remember(key: str, edition: Edition, find: Callable[[], T]) -> T:
    """A part of several answers of one edition, looked for once."""
    known = parts.get((edition.key, key))
    if known is None:
        known = find()
        parts.put((edition.key, key), known)
    return known


def _make(question: str, build: Callable[[Edition], Any]) -> Answer:
    try:
        with one_moment():
            # Not the one that was sighted: a publish may have come between.
            current = edition.read_edition()
            if current is None:
                raise nothing_published()
            body = to_json(build(current))
    except DATABASE_ERRORS as error:
        edition.watch.suspect()
        raise database_problem(error) from error
    made = Answer(body, etag(current, question), last_modified(current))
    memory.put((current.key, question), made)
    return made


def etag(edition: Edition, question: str) -> str:
    """Weak, as a proxy may compress: from run, revision, parameters and the API's version."""
    digest = blake2b(f"{VERSION} {question}".encode(), digest_size=8).hexdigest()
    return f'W/"{edition.run.pk}-{edition.revision}-{digest}"'


def last_modified(edition: Edition) -> str:
    """When the run was published. What curators changed since is in the ETag alone."""
    published = edition.run.finished_at or edition.run.started_at
    return http_date(published.timestamp())


def respond(request: HttpRequest, answer: Answer) -> HttpResponse:
    """200 with the bytes that the client takes, or 304 where it has them already."""
    headers = {
        "ETag": answer.etag,
        "Last-Modified": answer.last_modified,
        "Cache-Control": CACHE_CONTROL,
        "Vary": "Accept-Encoding",
    }
    # If-Modified-Since alone decides nothing: a curator's change does not move the run's time.
    if matches(request.META.get("HTTP_IF_NONE_MATCH", ""), answer.etag):
        return _not_modified(headers)
    body = answer.body
    encodings = request.META.get("HTTP_ACCEPT_ENCODING", "")
    if len(body) >= LEAST_COMPRESSED and takes_gzip(encodings):
        body = answer.compressed
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    return HttpResponse(body, content_type="application/json", headers=headers)


def _not_modified(headers: dict[str, str]) -> HttpResponse:
    response = HttpResponse(status=304, headers=headers)
    del response["Content-Type"]
    return response


def matches(if_none_match: str, etag: str) -> bool:
    """RFC 9110's weak comparison."""
    if not if_none_match:
        return False
    wanted = {candidate.removeprefix("W/") for candidate in parse_etags(if_none_match)}
    return "*" in wanted or etag.removeprefix("W/") in wanted


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    """Whether the header lists gzip, or anything, with a weight that is not 0."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        name, _, parameter = part.partition(";")
        weights[name.strip()] = parameter.replace(" ", "")
    weight = weights.get("gzip", weights.get("*", "q=0"))
    return weight.rstrip("0") not in ("q=", "q=0.")
