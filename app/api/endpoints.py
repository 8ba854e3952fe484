"""How a JSON address is declared: its parameters, and by the view's types its shape."""

from collections.abc import Callable
from typing import TypeVar, get_type_hints

from django.http import HttpRequest, HttpResponse
from pydantic_core import to_json

from app.api.shapes import Page
from app.serving.views import CatalogueView, Show
from app.web.parameters import NoParams, Parameters
from app.web.problems import Problem, as_json
from app.web.reading import query_of, read

VERSION = "2.0.0"
"""The API's version. It is part of every ETag: raise it when the shape of an answer changes."""
P = TypeVar("P", bound=Parameters)


class Endpoint(CatalogueView[P]):
    """A JSON address whose answers are of a version of the catalogue."""

    content_type = "application/json"
    cache_control = "public, max-age=60, stale-while-revalidate=30"

    def __init__(self, show: Callable[..., object], params: type[P], tag: str = "") -> None:
        super().__init__(show, params)
        self.tag = tag

    @property
    def shape(self) -> type:
        """What its answers hold, for the OpenAPI document."""
        shape: type = get_type_hints(self.show)["return"]
        return shape

    def write(self, request: HttpRequest, shown: object) -> bytes:
        return to_json(shown)

    def write_problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        return as_json(problem)

    def variant(self) -> str:
        return f"{VERSION} json"

    def links(self, shown: object) -> str | None:
        """RFC 8288: the neighbours of a page, for clients that do not read the body."""
        if not isinstance(shown, Page):
            return None
        neighbours = {"next": shown.next, "prev": shown.previous}
        links = [f'<{url}>; rel="{name}"' for name, url in neighbours.items() if url]
        return ", ".join(links) or None


class UncachedEndpoint(Endpoint[NoParams]):
    """A JSON address whose answers are never kept."""

    def respond(self, request: HttpRequest, path: dict[str, object]) -> HttpResponse:
        read(NoParams, query_of(request))
        return uncached_response(self.show())


def uncached_response(shown: object) -> HttpResponse:
    """A JSON response that no cache may keep."""
    body = to_json(shown)
    headers = {"Cache-Control": "no-store", "Content-Length": str(len(body))}
    return HttpResponse(body, content_type=Endpoint.content_type, headers=headers)


def endpoint(params: type[P], *, tag: str) -> Callable[[Show[P]], Endpoint[P]]:
    """Declare an Endpoint; `tag` is its group in the OpenAPI document."""
    return lambda show: Endpoint(show, params, tag)


def uncached(*, tag: str) -> Callable[[Callable[[], object]], UncachedEndpoint]:
    """Declare an UncachedEndpoint."""
    return lambda show: UncachedEndpoint(show, NoParams, tag)
