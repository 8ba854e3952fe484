"""What operators see of a request: its id, its metrics and a line in the log.

The outermost middleware, so that it sees the answers of all others.
"""

import logging
import re
from collections.abc import Callable
from time import perf_counter
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from app.ops import client_ip, log_format
from app.ops.metrics import count_request

HEADER = "X-Request-ID"
GIVEN_ID = re.compile("[A-Za-z0-9._-]{8,64}")
UNMATCHED = "unmatched"
QUERY_CHARACTERS = 200
PATH_CHARACTERS = 500
LINE = "%(method)s %(path)r %(status)s, %(bytes)s bytes in %(milliseconds)s ms to %(client)s"

access = logging.getLogger(log_format.ACCESS)


def observe(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware."""
    write_line = _log if settings.ACCESS_LOG else _keep_silent

    def observed(request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        request.request_id = id_ = _id(request)  # type: ignore[attr-defined]
        before = log_format.request_id.set(id_)
        try:
            response = get_response(request)
            response.headers[HEADER] = id_
            if request.method == "HEAD":
                _remove_body(response)
            seconds = perf_counter() - started
            count_request(endpoint(request), request.method, response.status_code, seconds)
            write_line(request, response, seconds)
            return response
        finally:
            log_format.request_id.reset(before)

    return observed


def endpoint(request: HttpRequest) -> str:
    """The route of the request: there are few routes, but any number of paths."""
    match = request.resolver_match
    return UNMATCHED if match is None else f"/{match.route}"


def _id(request: HttpRequest) -> str:
    """The id that a proxy or client sent, if it is safe to log, or a new one."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if GIVEN_ID.fullmatch(given) else uuid4().hex


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    line = {
        "method": request.method,
        "path": request.path[:PATH_CHARACTERS],
        "status": response.status_code,
        "bytes": _length(response),
        "milliseconds": round(seconds * 1000, 2),
        "client": client_ip.address(request),
    }
    if request.method in ("GET", "HEAD"):  # that of a POST may hold secrets
        line["query"] = request.META.get("QUERY_STRING", "")[:QUERY_CHARACTERS]
    access.info(LINE, line)


def _remove_body(response: HttpResponse) -> None:
    """HEAD: the headers of GET, without the body, which gunicorn would have to drop."""
    if not response.streaming:
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.content = b""


def _keep_silent(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    pass


def _length(response: HttpResponse) -> int:
    if response.streaming:
        return int(response.headers.get("Content-Length", 0))
    return len(response.content)
