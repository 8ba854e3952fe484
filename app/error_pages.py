"""A page for every error that no address of ours answers itself: to browsers; JSON to others.

Django calls the handlers; the middleware fills answers that are errors and say nothing.
"""

import sys
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from app.problems import DATABASE_ERRORS, Problem, by_accept_header, database_problem


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return by_accept_header(request, _problem(HTTPStatus.BAD_REQUEST))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return by_accept_header(request, _problem(HTTPStatus.FORBIDDEN))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    problem = Problem(HTTPStatus.NOT_FOUND, f"There is nothing at {request.path}.")
    return by_accept_header(request, problem)


def server_error(request: HttpRequest) -> HttpResponse:
    """What the admin did not catch; that the database is away is no fault of the site's."""
    error = sys.exception()
    if isinstance(error, DATABASE_ERRORS):
        return by_accept_header(request, database_problem(error))
    return by_accept_header(request, _problem(HTTPStatus.INTERNAL_SERVER_ERROR))


def fill(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """The middleware: some of Django's views refuse a method without a word."""

    def filled(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code < 400 or response.streaming or response.content:
            return response
        problem = _problem(HTTPStatus(response.status_code), response.get("Allow", ""))
        problem.headers |= {"Allow": response["Allow"]} if "Allow" in response else {}
        return by_accept_header(request, problem)

    return filled


def _problem(status: HTTPStatus, methods: str = "") -> Problem:
    sentences = {
        HTTPStatus.BAD_REQUEST: _("The request makes no sense to this site."),
        HTTPStatus.FORBIDDEN: _(
            "Your account may not do this. To decide about movies it has to be in the group "
            "“curator”: ask whoever runs this site."
        ),
        HTTPStatus.METHOD_NOT_ALLOWED: _("This address only takes %(methods)s.")
        % {"methods": methods},
        HTTPStatus.INTERNAL_SERVER_ERROR: _("Something went wrong on the server."),
    }
    return Problem(status, sentences.get(status, status.description or status.phrase))
