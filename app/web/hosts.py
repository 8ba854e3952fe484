"""Requests for hosts that this site is not: refused, with one line in the log."""

import logging
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver

from app.web.parameters import parameter_error
from app.web.problems import as_json, bad_parameters

FOR_LOAD_BALANCERS = ("/", "/health/", "/health/live/")
"""They ask for these under whatever name they like."""

logger = logging.getLogger(__name__)


def check_host(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """The middleware. It comes before all that asks for the host itself."""

    def checked(request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            wants_page = (
                request.get_preferred_type(["application/json", "text/html"]) == "text/html"
            )
            if request.path_info not in FOR_LOAD_BALANCERS or wants_page:
                return _refuse(request, wants_page)
        return get_response(request)

    return checked


def _refuse(request: HttpRequest, wants_page: bool) -> HttpResponse:
    host = str(request.META.get("HTTP_HOST", ""))
    wrong = parameter_error("Host", host, "is none of the names of this site")
    logger.warning("refused a request for the host %r", wrong.value)
    problem = bad_parameters([wrong])
    handler: Callable[..., HttpResponse] = get_resolver().resolve_error_handler(400)
    is_page = wants_page and not request.path_info.startswith("/api/")
    response = handler(request, problem) if is_page else as_json(problem)
    response.headers["X-Content-Type-Options"] = "nosniff"  # the security middleware comes later
    return response
