"""The middleware that serves the JSON addresses, before sessions, users and languages.

A known answer costs two look-ups: address -> question, question -> bytes. Whatever else is
asked under these addresses goes to its operation in `app/api.py`, and whatever goes wrong comes
out as problem+json.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.cache import patch_vary_headers

from app import answers, edition
from app.parameters import parameter_error
from app.problems import Problem, as_json, bad_parameters, check_method, fault, wants_page

NAMESPACE = "api"
ANY_HOST = ("health", "live")
"""Load balancers ask for these under whatever name they like."""


class ReadPath:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        question, match = answers.addresses.get(answers.address(request)) or (None, _match(request))
        if match is None:
            return self.get_response(request)
        request.resolver_match = match
        try:
            check_method(request)
            _check_host(request, match)
            response = _known(request, question) or _run(request, match)
        except Problem as problem:
            response = as_json(problem)
        except Exception as error:
            response = as_json(fault(error))
        return _finish(request, response)


def _match(request: HttpRequest) -> ResolverMatch | None:
    """The operation of the address, where it is one of the JSON addresses."""
    path = request.path_info
    if path == "/":
        if wants_page(request):
            return None
        path = "/health/"
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return match if match.namespaces == [NAMESPACE] else None


def _check_host(request: HttpRequest, match: ResolverMatch) -> None:
    if match.url_name not in ANY_HOST:
        try:
            request.get_host()
        except DisallowedHost:
            host = request.META.get("HTTP_HOST", "")
            wrong = parameter_error("Host", host, "is none of the names of this site")
            raise bad_parameters([wrong]) from None


def _known(request: HttpRequest, question: str | None) -> HttpResponse | None:
    return answers.find(request, question, edition.watch.look()) if question else None


def _run(request: HttpRequest, match: ResolverMatch) -> HttpResponse:
    """HEAD runs as GET: its answer has the same headers."""
    method, request.method = request.method, "GET"
    try:
        response: Any = match.func(request, *match.args, **match.kwargs)
        return response
    finally:
        request.method = method


def _finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if request.path_info == "/":
        patch_vary_headers(response, ["Accept"])
    if response.status_code != 304:
        response.setdefault("Content-Length", str(len(response.content)))
    return response
