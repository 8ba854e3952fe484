"""One shape for all errors: RFC 9457 problem details, as JSON or as a page."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from app import queries
from app.models import Run
from app.snapshot import one_moment

View = Callable[..., HttpResponse]
RETRY_AFTER_SECONDS = 30


class Problem(Exception):
    """What went wrong, for the one who asked; `members` are further fields of the JSON."""

    def __init__(self, status: HTTPStatus, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.members = members
        self.headers: dict[str, str] = {}
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)

    def as_dict(self) -> dict[str, Any]:
        return {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            **self.members,
        }


def bad_parameters(errors: list[dict[str, Any]]) -> Problem:
    """`errors` name the field, the value it had and what is allowed."""
    detail = "; ".join(f"{error['field']}: {error['detail']}" for error in errors)
    return Problem(HTTPStatus.BAD_REQUEST, detail, errors=errors)


def unavailable(reason: str, detail: str) -> Problem:
    """`reason` is a word for programs, `detail` a sentence for people."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, reason=reason)


def nothing_published() -> Problem:
    return unavailable("no_run", "No run has been published yet: run the batch job first.")


def answers_json(view: View) -> View:
    """Read-only address that is JSON to everybody, errors included."""
    return _guarded(view, _as_json)


def answers_page(view: View) -> View:
    """Read-only address that is a page to everybody, errors included."""
    return _guarded(view, _as_page)


def by_accept_header(request: HttpRequest, problem: Problem) -> HttpResponse:
    """For addresses that belong to nobody: a page for browsers, JSON for other clients."""
    respond = _as_page if wants_page(request) else _as_json
    return respond(request, problem)


def wants_page(request: HttpRequest) -> bool:
    """Whether the client prefers HTML; one that takes anything gets JSON."""
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"


def _guarded(view: View, respond: Callable[[HttpRequest, Problem], HttpResponse]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            _check_method(request)
            with one_moment():
                return view(request, *args, **kwargs)
        except Problem as problem:
            return respond(request, problem)
        except (OperationalError, InterfaceError, ProgrammingError) as error:
            return respond(request, _database_problem(error))

    return guarded


def _check_method(request: HttpRequest) -> None:
    if request.method not in ("GET", "HEAD"):
        problem = Problem(HTTPStatus.METHOD_NOT_ALLOWED, "This address only takes GET and HEAD.")
        problem.headers["Allow"] = "GET, HEAD"
        raise problem


def _database_problem(error: Exception) -> Problem:
    message = str(error).lower()
    if "no such table" in message or "doesn't exist" in message:
        return unavailable("not_migrated", "The database has no tables: run manage.py migrate.")
    return unavailable("database_unreachable", "The database does not answer.")


def _as_json(_request: HttpRequest, problem: Problem) -> HttpResponse:
    return JsonResponse(
        problem.as_dict(),
        status=problem.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )


def _as_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    context = {"problem": problem, "run": _run_for(problem)}
    response = render(request, "app/problem.html", context, status=problem.status)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _run_for(problem: Problem) -> Run | None:
    """The run whose notice the page repeats; a server that is ill is not asked again."""
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    try:
        return queries.current_run()
    except DatabaseError:
        return None  # the page tells of another problem already
