"""The middleware that answers public addresses before sessions, users and languages are read.

The root is the home page for browsers; for other clients it is `/health/`.
"""

from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.cache import patch_vary_headers

from app.serving.catalogue_view import CatalogueView
from app.web.problems import wants_page

Respond = Callable[[HttpRequest], HttpResponse]


def public_answers(get_response: Respond) -> Respond:
    """Call a CatalogueView; pass every other request on to the next middleware."""

    def respond(request: HttpRequest) -> HttpResponse:
        match = _public_match(request)
        if match is None:
            response = get_response(request)
        else:
            request.resolver_match = match
            response = match.func(request, *match.args, **match.kwargs)
        if request.path_info == "/":
            patch_vary_headers(response, ["Accept"])
        return response

    return respond


def _public_match(request: HttpRequest) -> ResolverMatch | None:
    path = request.path_info
    if path == "/" and not wants_page(request):
        path = "/health/"
    try:
        match = _resolve(path)
    except Resolver404:
        return None
    return match if isinstance(match.func, CatalogueView) else None


# Trying one pattern after another would take a fifth of the time of a cached answer.
_resolve = lru_cache(maxsize=1_000)(resolve)
