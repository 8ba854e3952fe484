"""Redirects to addresses that no client could ask for: refused like such an address itself."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from app.pages.errors import by_accept_header
from app.web.problems import Problem

LONGEST = settings.LONGEST_REQUEST_LINE - len("OPTIONS  HTTP/1.1")


def refuse_long(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """The middleware. The way to the login quotes the address, which may make it thrice as long."""

    def refused(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if len(response.headers.get("Location", "")) <= LONGEST:
            return response
        detail = "The address is too long: where it leads to would have more than 8 kB."
        return by_accept_header(request, Problem(HTTPStatus.REQUEST_URI_TOO_LONG, detail))

    return refused
