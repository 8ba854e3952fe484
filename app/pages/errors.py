"""Answers for errors that no view of this site handles: a page for browsers, JSON for others.

Django calls the handlers; the middleware fills in error responses without a body.
"""

import re
import sys
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

from django.contrib import admin
from django.core.exceptions import DisallowedRedirect
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override

from app.api.shapes import run_notice
from app.pages import problem_text
from app.pages.addresses import without
from app.pages.language import ADMIN, finish, language_of
from app.serving import watcher as watching
from app.web.problems import (
    DATABASE_ERRORS,
    Problem,
    as_json,
    problem_of,
    wants_page,
)

LONGEST_WORDS = 100
"""The most characters that the search takes."""
Arguments = ParamSpec("Arguments")
Handler = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]


def in_language(handle: Handler[Arguments]) -> Handler[Arguments]:
    """Answer browsers in the reader's language, other clients in English."""

    @wraps(handle)
    def handled(
        request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponse:
        if not _takes_page(request):
            with override("en"):
                return handle(request, *args, **kwargs)
        with language_of(request) as code:
            return finish(request, handle(request, *args, **kwargs), code)

    return cast(Handler[Arguments], handled)


@in_language
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What Django finds suspicious, such as a forged host, or a redirect over 16 kB."""
    if isinstance(exception, DisallowedRedirect):
        return redirect_too_long(request)
    return by_accept_header(request, _problem(HTTPStatus.BAD_REQUEST))


@in_language
def redirect_too_long(request: HttpRequest) -> HttpResponse:
    """An address that would redirect to one that is too long: refused as that one would be."""
    detail = "The address is too long: it would redirect to one of more than 8 kB."
    return by_accept_header(request, Problem(HTTPStatus.REQUEST_URI_TOO_LONG, detail))


@in_language
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What an account has no permission for."""
    return by_accept_header(request, _problem(HTTPStatus.FORBIDDEN))


@in_language
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """An address without a view."""
    detail = f"There is nothing at {request.path}."
    problem = Problem(HTTPStatus.NOT_FOUND, detail, code="no_page", words={"path": request.path})
    return by_accept_header(request, problem)


@in_language
def server_error(request: HttpRequest) -> HttpResponse:
    """What the admin did not catch; a database that is away or a run that is being loaded is not a
    fault of the site.
    """
    error = sys.exception()
    if isinstance(error, (*DATABASE_ERRORS, Problem)):
        return by_accept_header(request, problem_of(error))
    return by_accept_header(request, _problem(HTTPStatus.INTERNAL_SERVER_ERROR))


def fill(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware: some of Django's views refuse a method without a body."""

    def filled(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code < 400 or response.streaming or response.content:
            return response
        return _filled(request, response)

    return filled


@in_language
def _filled(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    problem = _problem(HTTPStatus(response.status_code), response.get("Allow", ""))
    problem.headers |= {"Allow": response["Allow"]} if "Allow" in response else {}
    return by_accept_header(request, problem)


CODES = {
    HTTPStatus.FORBIDDEN: "rights",
    HTTPStatus.METHOD_NOT_ALLOWED: "methods",
    HTTPStatus.INTERNAL_SERVER_ERROR: "fault",
}


def _problem(status: HTTPStatus, methods: str = "") -> Problem:
    details = {
        HTTPStatus.BAD_REQUEST: "The request is not valid for this site.",
        HTTPStatus.FORBIDDEN: (
            "Your account may not do this. It must be in the group “curator” to make decisions "
            "about movies, or in “operator” to manage runs: ask whoever runs this site."
        ),
        HTTPStatus.METHOD_NOT_ALLOWED: f"This address only takes {methods}.",
        HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on the server.",
    }
    detail = details.get(status, status.description or status.phrase)
    return Problem(status, detail, code=CODES.get(status, ""), words={"methods": methods})


def by_accept_header(request: HttpRequest, problem: Problem) -> HttpResponse:
    """For addresses of no view: a page for browsers, JSON for other clients."""
    return as_page(request, problem) if _takes_page(request) else as_json(problem)


def _takes_page(request: HttpRequest) -> bool:
    return wants_page(request) and not request.path.startswith("/api/")


def as_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as a page: the admin's if it happened there, otherwise the site's."""
    heading, sentence = problem_text.title(problem), problem_text.sentence(problem)
    context: dict[str, object] = {"problem": problem, "heading": heading, "sentence": sentence}
    if _is_of_the_admin(request, problem):
        template = "admin/problem.html"
        context |= admin.site.each_context(request) | {"title": heading}
    else:
        template = "app/problem.html"
        context |= _run_for(problem) | {
            "mended": _mended(request, problem),
            "asked": _words_of(request.path),
            "request_id": getattr(request, "request_id", None),
            "was_to_be_saved": request.method == "POST" and request.path_info.startswith(ADMIN),
        }
    response = render(request, template, context, status=problem.status)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _is_of_the_admin(request: HttpRequest, problem: Problem) -> bool:
    """The admin's pages need a user and the database: without these, the page is the site's."""
    in_admin = request.path_info.startswith(ADMIN)
    is_fault = problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return in_admin and not is_fault and hasattr(request, "user")


def _mended(request: HttpRequest, problem: Problem) -> str | None:
    """The address without its invalid parameters, if it has any."""
    if "mended" in problem.words:
        return f"{request.path}?{problem.words['mended']}"
    mended = without(request, {one.field for one in problem.errors})
    return None if mended == without(request, ()) else mended


def _words_of(path: str) -> str:
    """What the reader of an unknown address may have been looking for."""
    last = next((part for part in reversed(path.split("/")) if part), "")
    words = " ".join(re.findall(r"[^\W_]+", last.partition(".")[0]))
    return "" if words.isdigit() else words[:LONGEST_WORDS]


def _run_for(problem: Problem) -> dict[str, object]:
    """The run whose notice the page repeats, as last seen: an error page should not wait."""
    version = watching.watcher.last.version
    if version is None or problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return {}
    return {"run": version.run, "notice": run_notice(version.run)}
