"""How a JSON address is declared: its path, its parameters, and by the view's types its shape."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, get_type_hints

from django.http import HttpRequest, HttpResponse
from pydantic_core import to_json

from app.api.shapes import Page
from app.serving.responses import Medium, Query, answers, public, refuse
from app.web import problems
from app.web.parameters import NoParams, Parameters
from app.web.problems import Problem, check_method
from app.web.reading import query_of, read

P = TypeVar("P", bound=Parameters)
K = ParamSpec("K")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A JSON address, for the routes and for the OpenAPI document."""

    path: str
    """As Django's routes spell it."""
    name: str
    view: Callable[..., HttpResponse]
    params: type[Parameters]
    shape: type
    description: str
    tag: str
    cached: bool
    """Whether its answers may be kept; else they are of their moment only."""


endpoints: list[Endpoint] = []
"""All that were declared, in the order of their declaration."""


class JSON:
    """What views return, as JSON."""

    content_type = "application/json"
    cache_control = "public, max-age=60, stale-while-revalidate=30"

    def write(self, request: HttpRequest, shown: object) -> bytes:
        return to_json(shown)

    def key(self, request: HttpRequest) -> str:
        return "json"

    def links(self, shown: object) -> str | None:
        """RFC 8288: the neighbours of a page, for clients that do not read the body."""
        if not isinstance(shown, Page):
            return None
        neighbours = {"next": shown.next, "prev": shown.previous}
        return (
            ", ".join(f'<{url}>; rel="{name}"' for name, url in neighbours.items() if url) or None
        )

    def problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        return problems.as_json(problem)


JSON_MEDIUM: Medium = JSON()


def endpoint(
    path: str, params: type[P], *, tag: str, name: str = ""
) -> Callable[
    [Callable[Concatenate[Query[P], K], object]],
    Callable[Concatenate[HttpRequest, K], HttpResponse],
]:
    """Declares a JSON address whose answers are of a version of the catalogue."""

    def declare(
        view: Callable[Concatenate[Query[P], K], object],
    ) -> Callable[Concatenate[HttpRequest, K], HttpResponse]:
        served = answers(JSON_MEDIUM, params)(view)
        _register(path, name or view.__name__, view, served, params, tag=tag, cached=True)
        return served

    return declare


def uncached(
    path: str, *, tag: str, name: str = ""
) -> Callable[[Callable[[], object]], Callable[[HttpRequest], HttpResponse]]:
    """Declares a JSON address whose answers are of their moment."""

    def declare(view: Callable[[], object]) -> Callable[[HttpRequest], HttpResponse]:

        @wraps(view)
        def served(request: HttpRequest, /) -> HttpResponse:
            try:
                check_method(request)
                read(NoParams, query_of(request))
                return uncached_response(view())
            except Exception as error:
                return refuse(request, JSON_MEDIUM, error)

        public.add(served)
        _register(path, name or view.__name__, view, served, NoParams, tag=tag, cached=False)
        return served

    return declare


def uncached_response(shown: object) -> HttpResponse:
    """An answer that nobody may keep."""
    body = to_json(shown)
    headers = {"Cache-Control": "no-store", "Content-Length": str(len(body))}
    return HttpResponse(body, content_type=JSON.content_type, headers=headers)


def _register(
    path: str,
    name: str,
    view: Callable[..., object],
    served: Callable[..., HttpResponse],
    params: type[Parameters],
    *,
    tag: str,
    cached: bool,
) -> None:
    shape, description = get_type_hints(view)["return"], inspect.getdoc(view) or ""
    endpoints.append(Endpoint(path, name, served, params, shape, description, tag, cached))
