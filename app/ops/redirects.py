"""Redirects to addresses that are too long to request are refused like such a request."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from app.pages.errors import redirect_too_long

LONGEST = settings.LONGEST_REQUEST_LINE - len("OPTIONS  HTTP/1.1")


def refuse_long(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """The middleware. A redirect to the login quotes the address, up to three times as long."""

    def refused(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if len(response.headers.get("Location", "")) <= LONGEST:
            return response
        return redirect_too_long(request)

    return refused
