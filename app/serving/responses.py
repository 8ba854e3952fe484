"""How an answer goes out: validators, 304, compression, what caches may do, how old it is.

`answers` is what a view is declared with. The view gets a version of the catalogue and the
parameters, and returns what it shows; it knows nothing of the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from hashlib import blake2b
from http import HTTPStatus
from typing import Concatenate, Generic, ParamSpec, Protocol, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import http_date, parse_etags

from app.serving import outcomes
from app.serving import watcher as watching
from app.serving.answer_cache import Answer, AnswerCache
from app.serving.pinning import change_notice, pinned_version
from app.serving.version import CatalogueVersion, NotLoaded
from app.serving.watcher import VersionCheck
from app.web.parameters import PageParams, Parameters, RunParams
from app.web.problems import (
    DATABASE_ERRORS,
    Problem,
    check_method,
    nothing_published,
    problem_of,
    unavailable,
)
from app.web.reading import query_of, read
from app.web.values import path_numbers, read_path

VERSION = "2.0.0"
"""Of the API. It is part of every ETag: raise it when the shape of an answer changes."""
P = TypeVar("P", bound=Parameters)
P_co = TypeVar("P_co", bound=Parameters, covariant=True)
K = ParamSpec("K")
public: set[Callable[..., HttpResponse]] = set()
"""Views that need neither session nor user: the middleware goes to them straight."""


@dataclass(frozen=True, slots=True)
class Query(Generic[P_co]):
    """What somebody asks for."""

    version: CatalogueVersion
    """Of the run, and with the decisions, that the request names."""
    params: P_co
    typed: QueryDict
    """The parameters as they were sent."""
    address: str
    """Absolute, without parameters."""
    check: VersionCheck
    """That the version was found by."""
    notice: str | None = None
    """What the reader of a list should know of its version."""


class Medium(Protocol):
    """How what views return is written, and how they fail."""

    content_type: str
    cache_control: str

    def write(self, request: HttpRequest, shown: object) -> bytes: ...

    def key(self, request: HttpRequest) -> str:
        """What an answer depends on besides version and parameters, as a page on its language."""

    def links(self, shown: object) -> str | None:
        """A Link header."""

    def problem(self, request: HttpRequest, problem: Problem) -> HttpResponse: ...


known = AnswerCache(settings.READ_CACHE_MB * 1_000_000)
"""Of this process."""
LONGEST_ADDRESS = 1_000
"""In characters; the answers of longer ones are made anew."""


def answers(
    medium: Medium, params: type[P]
) -> Callable[
    [Callable[Concatenate[Query[P], K], object]],
    Callable[Concatenate[HttpRequest, K], HttpResponse],
]:
    """Declares a view whose answers depend on the version of the catalogue and its parameters."""

    def declare(
        view: Callable[Concatenate[Query[P], K], object],
    ) -> Callable[Concatenate[HttpRequest, K], HttpResponse]:
        numbers = path_numbers(view)

        @wraps(view)
        def answer(request: HttpRequest, /, *args: K.args, **kwargs: K.kwargs) -> HttpResponse:
            try:
                check_method(request)
                read_path(kwargs, numbers)
                check = watching.watcher.check()
                key = _key(request, medium, check)
                found = known.get(key)
                outcome = "miss" if found is None else "hit"
                if found is None:
                    query = _query(request, params, check)
                    found = _answer(request, medium, query, view(query, *args, **kwargs))
                    _keep(_key(request, medium, query.check), found)
                response = respond(request, found, check)
                outcomes.count_answer(outcome, response.status_code, stale=bool(check.error))
                return response
            except Exception as error:
                return refuse(request, medium, error)

        public.add(answer)
        return answer

    return declare


def refuse(request: HttpRequest, medium: Medium, error: Exception) -> HttpResponse:
    """The answer to what went wrong."""
    if isinstance(error, DATABASE_ERRORS):
        watching.watcher.invalidate()
    if isinstance(error, NotLoaded):
        error = unavailable("loading", str(error), retry=2)
    problem = problem_of(error)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        outcomes.count("shed")
    return medium.problem(request, problem)


def current_version(check: VersionCheck) -> CatalogueVersion:
    """What is shown now. Raises Problem, NotLoaded, or what the database raised."""
    if check.version:
        return check.version
    if check.error:
        raise check.error.with_traceback(None)  # one object for all who ask
    if not check.published:
        raise nothing_published()
    raise NotLoaded("The current run is being loaded: try again in a moment.")


def refuse_without_rows(version: CatalogueVersion) -> None:
    """Raises Problem where the run is ranked by its own count, but has no row to show."""
    run, catalogue = version.run, version.curated.catalogue
    if run.movies_ranked and not catalogue.rated:
        raise unavailable(
            "run_without_rows",
            f"Run {run.id} counts {run.movies_ranked:,} ranked movies, but has no rows: "
            "run the batch job again, or go back to a kept run (manage.py runs).",
        )


def _key(request: HttpRequest, medium: Medium, check: VersionCheck) -> tuple[str, ...]:
    """By what an answer is found without a look at its parameters."""
    meta = request.META
    address = (request.path_info, meta.get("QUERY_STRING", ""))
    site = (request.scheme or "", meta.get("HTTP_HOST", ""))
    revision = check.version.revision if check.version else ""
    return (*address, *site, medium.key(request), revision)


def _keep(key: tuple[str, ...], answer: Answer) -> None:
    path, query, *_ = key
    if len(path) + len(query) <= LONGEST_ADDRESS:
        known.put(key, answer)


def _query(request: HttpRequest, params: type[P], check: VersionCheck) -> Query[P]:
    typed = query_of(request)
    given = read(params, typed)
    if _names_newer_run(given, check):
        check = watching.watcher.refresh()
    version, notice = current_version(check), None
    if isinstance(given, RunParams):
        token = given.version if isinstance(given, PageParams) else None
        history = watching.watcher.history
        version = pinned_version(version, history, run_id=given.run, token=token)
        notice = change_notice(version, token)
        refuse_without_rows(version)
    return Query(version, given, typed, request.build_absolute_uri(request.path), check, notice)


def _names_newer_run(params: Parameters, check: VersionCheck) -> bool:
    """Another process may have seen a publish that this one has not, and led on to its run."""
    run = getattr(params, "run", None)
    return bool(run and check.version and run > check.version.runs[0].id)


def _answer(request: HttpRequest, medium: Medium, query: Query[P], shown: object) -> Answer:
    headers = {
        "ETag": etag(query, medium.key(request)),
        # When the run was published. What curators changed since is in the ETag alone.
        "Last-Modified": http_date(query.version.current_run.finished_at.timestamp()),
        "Cache-Control": medium.cache_control,
        "Vary": "Accept-Encoding",
    }
    if links := medium.links(shown):
        headers["Link"] = links
    return Answer(medium.write(request, shown), medium.content_type, headers)


def etag(query: Query[P], key: str) -> str:
    """Weak, as a proxy may compress: from run, version, parameters and the API's version."""
    question = f"{VERSION} {key} {query.address}?{query.params.query}"
    made_of = blake2b(question.encode(), digest_size=8).hexdigest()
    return f'W/"{query.version.run.id}-{query.version.revision}-{made_of}"'


def respond(request: HttpRequest, answer: Answer, check: VersionCheck) -> HttpResponse:
    """200 with the bytes that the client takes, or 304 where it has them already."""
    headers = answer.headers | (_staleness(check) if check.error else {})
    # If-Modified-Since alone decides nothing: a curator's change does not move the run's time.
    if matches(request.META.get("HTTP_IF_NONE_MATCH", ""), headers["ETag"]):
        response = HttpResponse(status=304, headers=headers)
        del response["Content-Type"]
        return response
    body = answer.body
    encodings = request.META.get("HTTP_ACCEPT_ENCODING", "")
    if takes_gzip(encodings) and answer.compressed:
        body = answer.compressed
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    return HttpResponse(body, content_type=answer.content_type, headers=headers)


def _staleness(check: VersionCheck) -> dict[str, str]:
    """The database is away: how long ago it last confirmed the version (RFC 9111, RFC 9211)."""
    detail = "database-unreachable"
    return {
        "Age": str(check.age),
        "Cache-Status": f"recsys; hit; ttl=-{check.age}; detail={detail}",
    }


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
