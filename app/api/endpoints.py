"""Declare JSON addresses: the parameters, and, by the view's types, the shape of the answer."""

from collections.abc import Callable
from typing import TypeVar, cast, get_type_hints

from django.http import HttpRequest, HttpResponse, QueryDict
from pydantic_core import to_json

from app.api.shapes import Page
from app.serving import watcher as watching
from app.serving.catalogue_view import CatalogueView, Show
from app.web.parameters import NoParams, Parameters
from app.web.problems import READ_METHODS, Problem, as_json
from app.web.reading import query_of, read, read_json

VERSION = "2.1.0"
"""The API's version. It is part of every ETag: raise it when the shape of an answer changes."""
P = TypeVar("P", bound=Parameters)


class Endpoint(CatalogueView[P]):
    """A JSON address whose answers show a version of the catalogue."""

    content_type = "application/json"
    cache_control = "public, max-age=60, stale-while-revalidate=30"
    body: type[Parameters] | None = None
    """What it also takes as JSON."""

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


class PostableEndpoint(Endpoint[P]):
    """An address that also takes its parameters in a JSON body, if they are too long for a URL.

    Nothing is stored and no cookie is read, so a forged request gains nothing: no token is
    required. Answers to POST are not cached.
    """

    methods = (*READ_METHODS, "POST")
    body: type[Parameters]

    def __init__(
        self, show: Callable[..., object], params: type[P], tag: str, body: type[Parameters]
    ) -> None:
        super().__init__(show, params, tag)
        self.body = body

    def respond(self, request: HttpRequest, path: dict[str, object]) -> HttpResponse:
        if request.method != "POST":
            return super().respond(request, path)
        read(NoParams, query_of(request))
        params = cast(P, read_json(self.body, request))
        query = self.make_query(request, params, watching.watcher.check(), QueryDict())
        return uncached_response(self.show(query, **path))


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


def postable(
    params: type[P], body: type[Parameters], *, tag: str
) -> Callable[[Show[P]], PostableEndpoint[P]]:
    """Declare a PostableEndpoint; `body` is what it takes as JSON."""
    return lambda show: PostableEndpoint(show, params, tag, body)


def uncached(*, tag: str) -> Callable[[Callable[[], object]], UncachedEndpoint]:
    """Declare an UncachedEndpoint."""
    return lambda show: UncachedEndpoint(show, NoParams, tag)
