"""Views that show a version of the catalogue: parameters, version, validators, caching, errors.

A view is a function from a Query to what it shows. A decorator turns it into a CatalogueView; the
subclasses of the API and the pages determine the format of answers and errors.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from http import HTTPStatus
from typing import ClassVar, Concatenate, Generic, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import http_date

from app.catalogue.digest import digest
from app.serving import watcher as watching
from app.serving.answer_cache import Answer, AnswerCache, count
from app.serving.negotiation import negotiate
from app.serving.version import CatalogueVersion
from app.serving.watcher import VersionCheck
from app.web.parameters import ListParams, Parameters, RunParams
from app.web.problems import (
    DATABASE_ERRORS,
    READ_METHODS,
    Problem,
    check_method,
    problem_of,
)
from app.web.reading import path_type, query_of, read, read_path

P = TypeVar("P", bound=Parameters)
P_co = TypeVar("P_co", bound=Parameters, covariant=True)

cache = AnswerCache(settings.READ_CACHE_MB * 1_000_000)
"""The answers of this process."""
LONGEST_ADDRESS = 1_000
"""In characters; answers to longer ones are not cached."""


@dataclass(frozen=True, slots=True)
class Query(Generic[P_co]):
    """A request for part of a version of the catalogue."""

    version: CatalogueVersion
    """The current one, or the one that the request names."""
    params: P_co
    typed: QueryDict
    """The parameters as they were sent."""
    address: str
    """Absolute, without parameters."""
    check: VersionCheck
    """The check that found the version."""
    notice: str | None = None
    """What the reader of a list should know about its version."""

    @property
    def pinned(self) -> P_co:
        """The parameters for links to other pages of the list: with its run and version."""
        if not isinstance(self.params, ListParams):
            return self.params
        named = {"run": self.version.run.id, "version": self.version.token}
        return self.params.model_copy(update=named)


Show = Callable[Concatenate[Query[P], ...], object]
"""A view function; parts of the path are keyword-only arguments."""


class CatalogueView(ABC, Generic[P]):
    """A public view: `public_answers` calls it without session or user."""

    content_type: ClassVar[str]
    cache_control: ClassVar[str]
    methods: ClassVar[tuple[str, ...]] = READ_METHODS

    def __init__(self, show: Callable[..., object], params: type[P]) -> None:
        update_wrapper(self, show)
        self.show = show
        self.params = params
        self.path_type = path_type(show)

    @abstractmethod
    def write(self, request: HttpRequest, shown: object) -> bytes:
        """The body of an answer; `shown` is what the view function returned."""

    @abstractmethod
    def variant(self) -> str:
        """What answers depend on besides version and parameters: format, language, release."""

    @abstractmethod
    def write_problem(self, request: HttpRequest, problem: Problem) -> HttpResponse: ...

    def typed(self, request: HttpRequest) -> QueryDict:
        """The parameters that `params` reads. Raises Problem (400)."""
        return query_of(request)

    def caching(self, shown: object) -> str:
        """The Cache-Control header."""
        return self.cache_control

    def links(self, shown: object) -> str | None:
        """A Link header."""
        return None

    def __call__(self, request: HttpRequest, **path: object) -> HttpResponse:
        try:
            check_method(request, self.methods)
            return self.respond(request, path and read_path(self.path_type, path))
        except Exception as error:
            if isinstance(error, DATABASE_ERRORS):
                watching.watcher.invalidate()
            problem = problem_of(error)
            if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
                count("unavailable")
            return self.write_problem(request, problem)

    def respond(self, request: HttpRequest, path: dict[str, object]) -> HttpResponse:
        """The answer, from the cache if it is there."""
        check = watching.watcher.check()
        key = self._key(request, check)
        answer = cached = cache.get(key)
        if answer is None:
            answer = self._make_answer(request, path, check, key)
        response = negotiate(request, answer, check)
        count(_outcome(response, check, is_hit=cached is not None))
        return response

    def _make_answer(
        self,
        request: HttpRequest,
        path: dict[str, object],
        check: VersionCheck,
        key: tuple[str, ...],
    ) -> Answer:
        typed = self.typed(request)
        query = self.make_query(request, read(self.params, typed), check, typed)
        answer = self._answer(request, query, self.show(query, **path))
        # After a refresh the key's revision is not the answer's.
        is_kept = query.check is check and answer.headers["Cache-Control"] != "no-store"
        if is_kept and len(key[0]) + len(key[1]) <= LONGEST_ADDRESS:
            cache.put(key, answer)
        return answer

    def _key(self, request: HttpRequest, check: VersionCheck) -> tuple[str, ...]:
        meta = request.META
        address = (request.path_info, meta.get("QUERY_STRING", ""))
        site = (request.scheme or "", meta.get("HTTP_HOST", ""))
        revision = check.version.revision if check.version else ""
        return (*address, *site, self.variant(), revision)

    def make_query(
        self, request: HttpRequest, params: P, check: VersionCheck, typed: QueryDict
    ) -> Query[P]:
        """A Query for the version that the parameters name. Raises whatever finding it raises."""
        if _names_newer_run(params, check):
            check = watching.watcher.refresh()
        version, notice = check.current(), None
        if isinstance(params, RunParams):
            token = params.version if isinstance(params, ListParams) else None
            version = version.pinned(watching.watcher.history, run_id=params.run, token=token)
            version.check_rows()
            notice = version.change_notice(token)
        address = request.build_absolute_uri(request.path)
        return Query(version, params, typed, address, check, notice)

    def _answer(self, request: HttpRequest, query: Query[P], shown: object) -> Answer:
        headers = {
            "ETag": self._etag(query),
            # When the run was published. Only the ETag reflects what curators changed since.
            "Last-Modified": http_date(query.version.current_run.finished_at.timestamp()),
            "Cache-Control": self.caching(shown),
            "Vary": "Accept-Encoding",
        }
        if links := self.links(shown):
            headers["Link"] = links
        return Answer(self.write(request, shown), self.content_type, headers)

    def _etag(self, query: Query[P]) -> str:
        """Weak, as a proxy may compress: from run, version, parameters and variant."""
        made_of = f"{self.variant()} {query.address}?{query.params.query}"
        version = query.version
        return f'W/"{version.run.id}-{version.revision}-{digest(made_of, size=8)}"'


def _outcome(response: HttpResponse, check: VersionCheck, *, is_hit: bool) -> str:
    """One of the cache's OUTCOMES."""
    if check.error:
        return "stale"
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        return "not_modified"
    return "hit" if is_hit else "miss"


def _names_newer_run(params: Parameters, check: VersionCheck) -> bool:
    """Whether the request comes from a link by a process that saw a publish before this one."""
    run = getattr(params, "run", None)
    return bool(run and check.version and run > check.version.runs[0].id)
