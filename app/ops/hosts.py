"""Requests for other hosts than this site's are refused, with one line in the log."""

import logging
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response

from app.pages.errors import by_accept_header, in_language
from app.web.field_errors import field_error
from app.web.problems import bad_parameters, wants_page

FOR_LOAD_BALANCERS = ("/", "/health/", "/health/live/")
"""Paths that load balancers request under any host name."""

logger = logging.getLogger(__name__)


def check_host(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """The middleware. It comes before everything that calls `get_host`."""

    def checked(request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            if request.path_info not in FOR_LOAD_BALANCERS or wants_page(request):
                return _refuse(request)
        return get_response(request)

    return checked


@in_language
def _refuse(request: HttpRequest) -> HttpResponse:
    host = str(request.META.get("HTTP_HOST", ""))
    wrong = field_error("Host", host, "is not a name of this site", "host")
    response = by_accept_header(request, bad_parameters(wrong))
    words = "Refused a request for the host %r"
    log_response(words, wrong.value, response=response, request=request, logger=logger)
    response.headers["X-Content-Type-Options"] = "nosniff"  # the security middleware comes later
    return response
