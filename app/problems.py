"""One shape for all errors: RFC 9457 problem details, as JSON or as a page."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from pydantic_core import to_json

from app.addresses import without
from app.complaints import ParameterError
from app.models import Run

RETRY_AFTER_SECONDS = 30
READ_METHODS = ("GET", "HEAD")
DATABASE_ERRORS = (OperationalError, InterfaceError, ProgrammingError)
NOT_MIGRATED = ("no such table", "no such column", "doesn't exist", "unknown column")
"""How SQLite and MySQL say so."""

logger = logging.getLogger(__name__)


class Problem(Exception):
    """What went wrong, for the one who asked; `members` are further fields of the JSON."""

    def __init__(
        self, status: HTTPStatus, detail: str, errors: Sequence[ParameterError] = (), **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.members = members
        self.headers = {"Cache-Control": "no-store"}

    def as_dict(self) -> dict[str, Any]:
        return {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            **({"errors": [error.as_dict() for error in self.errors]} if self.errors else {}),
            **self.members,
        }


def bad_parameters(errors: Sequence[ParameterError]) -> Problem:
    detail = "; ".join(f"{error.field}: {error.detail}" for error in errors)
    return Problem(HTTPStatus.BAD_REQUEST, detail, errors)


def missing(detail: str, *errors: ParameterError) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, detail, errors)


def unavailable(reason: str, detail: str, *, retry: int = RETRY_AFTER_SECONDS) -> Problem:
    """`reason` is a word for programs, `detail` a sentence for people, `retry` in seconds."""
    problem = Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, reason=reason)
    problem.headers["Retry-After"] = str(retry)
    return problem


def nothing_published() -> Problem:
    return unavailable("no_run", "No run has been published yet: run the batch job first.")


def check_method(request: HttpRequest) -> None:
    """Raises Problem (405) for what would write."""
    if request.method not in READ_METHODS:
        problem = Problem(HTTPStatus.METHOD_NOT_ALLOWED, "This address only takes GET and HEAD.")
        problem.headers["Allow"] = ", ".join(READ_METHODS)
        raise problem


def database_problem(error: Exception, *, log: bool = True) -> Problem:
    """One of DATABASE_ERRORS in the words of this site; the cause is for the log alone."""
    if log:
        logger.warning("the database does not serve: %s", error)
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


def by_accept_header(request: HttpRequest, problem: Problem) -> HttpResponse:
    """For addresses that belong to nobody: a page for browsers, JSON for other clients."""
    as_page_ = wants_page(request) and not request.path.startswith("/api/")
    return as_page(request, problem) if as_page_ else as_json(problem)


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


def as_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    context: dict[str, Any] = {"problem": problem}
    if _is_of_the_admin(request, problem):
        template = "admin/problem.html"
        context |= admin.site.each_context(request) | {"title": problem.status.phrase}
    else:
        template = "app/problem.html"
        context |= {"run": _run_for(problem), "mended": _mended(request, problem)}
    response = render(request, template, context, status=problem.status)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _is_of_the_admin(request: HttpRequest, problem: Problem) -> bool:
    """Its pages need a user and the database: where these are not to be had, it is ours."""
    in_admin = request.path.startswith(reverse("admin:index"))
    is_fault = problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return in_admin and not is_fault and hasattr(request, "user")


def _mended(request: HttpRequest, problem: Problem) -> str | None:
    """The address without what is wrong in it."""
    return without(request, {one.field for one in problem.errors}) if problem.errors else None


def _run_for(problem: Problem) -> Run | None:
    """The run whose notice the page repeats, as it was last seen: this is no time to wait."""
    from app import edition  # which builds on this module

    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    known = edition.watch.last.edition
    return known.run if known else None
