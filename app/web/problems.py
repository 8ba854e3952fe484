"""One shape for all errors: RFC 9457 problem details. Exceptions become problems here."""

import logging
from dataclasses import asdict, dataclass
from http import HTTPStatus

from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from pydantic_core import to_json

from app.catalogue.errors import CatalogueError, RunNotKept, UnknownGenre
from app.web.complaints import ParameterError, parameter_error

RETRY_AFTER_SECONDS = 30
READ_METHODS = ("GET", "HEAD")
DATABASE_ERRORS = (OperationalError, InterfaceError, ProgrammingError)
NOT_MIGRATED = ("no such table", "no such column", "doesn't exist", "unknown column")
"""How SQLite and MySQL say so."""

NO_RUN = "no_run"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FieldError:
    """A parameter that makes no sense."""

    field: str
    value: str | None
    """What was given; null where nothing was."""
    detail: str
    """What is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDetails:
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None
    """Of a 400: what makes no sense."""
    reason: str | None = None
    """Of a 503: a word for programs."""


class Problem(Exception):
    """What went wrong, for the client."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: list[ParameterError] | None = None,
        reason: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or []
        self.reason = reason
        self.headers = {"Cache-Control": "no-store", **(headers or {})}

    @property
    def details(self) -> ProblemDetails:
        """For programs."""
        return ProblemDetails(
            title=self.status.phrase,
            status=self.status.value,
            detail=self.detail,
            errors=[FieldError(one.field, one.value, one.detail) for one in self.errors] or None,
            reason=self.reason,
        )

    def as_dict(self) -> dict[str, object]:
        """The members that there are."""
        members = asdict(self.details)
        return {name: value for name, value in members.items() if value is not None}


def bad_parameters(errors: list[ParameterError]) -> Problem:
    """`errors` name the field, the value it had and what is allowed."""
    detail = "; ".join(f"{error.field}: {error.detail}" for error in errors)
    return Problem(HTTPStatus.BAD_REQUEST, detail, errors=errors)


def missing(detail: str, *, errors: list[ParameterError] | None = None) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, detail, errors=errors)


def unavailable(reason: str, detail: str, *, retry: int = RETRY_AFTER_SECONDS) -> Problem:
    """`reason` is a word for programs, `detail` a sentence for people, `retry` in seconds."""
    headers = {"Retry-After": str(retry)}
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, reason=reason, headers=headers)


def nothing_published() -> Problem:
    return unavailable(NO_RUN, "No run has been published yet: run the batch job first.")


def check_method(request: HttpRequest) -> None:
    """Raises Problem (405) for what would write."""
    if request.method not in READ_METHODS:
        detail = "This address only takes GET and HEAD."
        allowed = {"Allow": ", ".join(READ_METHODS)}
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers=allowed)


def problem_of(error: Exception) -> Problem:
    """The problem that an exception is to the client; our own mistakes are logged."""
    match error:
        case Problem():
            return error
        case UnknownGenre():
            return bad_parameters([unknown_genre(name, error.known) for name in error.genres])
        case RunNotKept():
            kept = ", ".join(map(str, error.kept))
            allowed = f"must be a run whose rows are kept: {kept}"
            wrong = parameter_error("run", error.run_id, allowed, "not_kept", kept=kept)
            return missing(f"run: {allowed}", errors=[wrong])
        case CatalogueError():
            return missing(str(error))
        case OperationalError() | InterfaceError() | ProgrammingError():
            return database_problem(error)
        case _:
            return fault(error)


def unknown_genre(name: str, known: tuple[str, ...]) -> ParameterError:
    return parameter_error("genre", name, f"must be one of {', '.join(known)}", "one_of")


def database_problem(error: Exception) -> Problem:
    """One of DATABASE_ERRORS in the words of this site."""
    message = str(error).lower()
    if any(sign in message for sign in NOT_MIGRATED):
        return unavailable("not_migrated", "The tables are not this version's: manage.py migrate.")
    if isinstance(error, ProgrammingError):
        return fault(error)
    return unavailable("database_unreachable", "The database does not answer.")


def fault(error: Exception) -> Problem:
    """Our own mistake: logged in full, told in short."""
    logger.error("an answer failed", exc_info=error)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on the server.")


def wants_page(request: HttpRequest) -> bool:
    """Whether the client prefers HTML; one that takes anything gets JSON."""
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"


def as_json(problem: Problem) -> HttpResponse:
    return HttpResponse(
        to_json(problem.as_dict()),
        status=problem.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )
