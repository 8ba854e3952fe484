"""One shape for all errors: RFC 9457 problem details. Exceptions become problems here."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from http import HTTPStatus

from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from pydantic import TypeAdapter
from pydantic_core import to_json

from app.catalogue.errors import (
    CatalogueError,
    MovieNotFound,
    RunNotFound,
    RunNotKept,
    UnknownGenre,
)
from app.web.field_errors import FieldError, field_error

RETRY_AFTER_SECONDS = 30
READ_METHODS = ("GET", "HEAD")
DATABASE_ERRORS = (OperationalError, InterfaceError, ProgrammingError)
NOT_MIGRATED = ("no such table", "no such column", "doesn't exist", "unknown column")
"""What SQLite and MySQL say about tables that a migration has yet to create."""
NO_RUN = "no_run"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDetails:
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None
    """For a 400: the invalid parameters."""
    reason: str | None = None
    """For a 503: a word for programs."""


serializer = TypeAdapter(ProblemDetails)


@dataclass(eq=False)
class Problem(Exception):
    """What went wrong, for the client."""

    status: HTTPStatus
    detail: str
    _: KW_ONLY
    errors: Sequence[FieldError] = ()
    reason: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    code: str = ""
    """Key of the text that a page shows; by default the reason."""
    words: Mapping[str, object] = field(default_factory=dict)
    """What is interpolated in that text."""

    def __post_init__(self) -> None:
        super().__init__(self.detail)
        self.headers = {"Cache-Control": "no-store"} | self.headers
        self.code = self.code or self.reason or ""

    def as_dict(self) -> dict[str, object]:
        """The members of the problem details that have a value."""
        details = ProblemDetails(
            title=self.status.phrase,
            status=self.status.value,
            detail=self.detail,
            errors=list(self.errors) or None,
            reason=self.reason,
        )
        members = serializer.dump_python(details)
        return {name: value for name, value in members.items() if value is not None}


def bad_parameters(*errors: FieldError) -> Problem:
    detail = "; ".join(f"{error.field}: {error.detail}" for error in errors)
    return Problem(HTTPStatus.BAD_REQUEST, detail, errors=errors)


def missing(detail: str, *errors: FieldError, code: str = "", **words: object) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, detail, errors=errors, code=code, words=words)


def unavailable(
    reason: str, detail: str, *, retry: int = RETRY_AFTER_SECONDS, **words: object
) -> Problem:
    """`reason` is a word for programs, `detail` a sentence for people, `retry` in seconds."""
    headers = {"Retry-After": str(retry)}
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return Problem(status, detail, reason=reason, headers=headers, words=words)


def loading(what: str) -> Problem:
    return unavailable("loading", f"{what} is being loaded: try again in a moment.", retry=2)


def check_method(request: HttpRequest, methods: Sequence[str] = READ_METHODS) -> None:
    """Raises Problem (405) for other methods."""
    if request.method not in methods:
        *others, last = methods
        detail = f"This address only takes {', '.join(others)} and {last}."
        allowed = {"Allow": ", ".join(methods)}
        status = HTTPStatus.METHOD_NOT_ALLOWED
        raise Problem(
            status, detail, headers=allowed, code="methods", words={"methods": ", ".join(methods)}
        )


def problem_of(error: Exception) -> Problem:
    """The problem to report to the client for an exception; a bug in this site is logged."""
    match error:
        case Problem():
            return error
        case UnknownGenre():
            return bad_parameters(*(unknown_genre(name, error.known) for name in error.genres))
        case RunNotKept():
            kept = ", ".join(map(str, error.kept))
            allowed = f"must be a run whose rows are kept: {kept}"
            wrong = field_error("run", error.run_id, allowed, "not_kept", kept=kept)
            return missing(f"run: {allowed}", wrong)
        case CatalogueError():
            return _not_found(error)
        case _ if isinstance(error, DATABASE_ERRORS) and _is_not_migrated(error):
            detail = "The tables do not match this version: run manage.py migrate."
            return unavailable("not_migrated", detail)
        case OperationalError() | InterfaceError():
            return unavailable("database_unreachable", "The database does not answer.")
        case _:
            logger.error("a request failed", exc_info=error)
            detail = "Something went wrong on the server."
            return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, code="fault")


def _not_found(error: CatalogueError) -> Problem:
    match error:
        case MovieNotFound():
            return missing(str(error), code="no_movie", movie=error.movie_id)
        case RunNotFound():
            return missing(str(error), code="no_published_run", run=error.run_id)
        case _:
            return missing(str(error))


def unknown_genre(name: str, known: tuple[str, ...]) -> FieldError:
    return field_error("genre", name, f"must be one of {', '.join(known)}", "one_of")


def _is_not_migrated(error: Exception) -> bool:
    message = str(error).lower()
    return any(sign in message for sign in NOT_MIGRATED)


def wants_page(request: HttpRequest) -> bool:
    """Whether the client prefers HTML; one that accepts anything gets JSON."""
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"


def as_json(problem: Problem) -> HttpResponse:
    return HttpResponse(
        to_json(problem.as_dict()),
        status=problem.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )
