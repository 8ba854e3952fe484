"""The OpenAPI 3.1 document, made from the routes and their views' parameters and shapes."""

import re
from collections.abc import Iterator
from functools import lru_cache
from http import HTTPStatus
from inspect import getdoc
from pathlib import Path
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver
from pydantic import ConfigDict, TypeAdapter
from pydantic.json_schema import JsonSchemaValue

from app.api.endpoints import VERSION, Endpoint, UncachedEndpoint, uncached_response
from app.serving.catalogue_view import Query
from app.web.parameters import NoParams, Parameters
from app.web.problems import NO_RUN, Problem, ProblemDetails

REFERENCE = "#/components/schemas/{model}"
PROBLEMS = (400, 404, 405, 500, 503)
OF_BODIES = (413, 415)
KEPT = {
    "ETag": "Identifies the run, curators' decisions, the parameters and the API's version.",
    "Last-Modified": "When the run was published.",
    "Cache-Control": "How long a cache may keep the answer.",
}
OPTIONAL = {
    "Age": "While the database is away: seconds since it last confirmed the answer.",
    "Cache-Status": "While the database is away: that the answer comes from memory (RFC 9211).",
    "Link": "For a list: the previous and the next page (RFC 8288).",
}
DESCRIPTION = Path(__file__).with_suffix(".md")
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "ETags of answers that the client has.",
    "schema": {"type": "string"},
}


Schemas = dict[type, JsonSchemaValue]
"""The schemas of shapes and of parameters."""


class Route(NamedTuple):
    """An address that the document describes."""

    path: str
    name: str
    view: Endpoint[Parameters]


# Making it is more work than all else in a request, and its page is not cached.
@lru_cache(maxsize=4)
def document(genres: tuple[str, ...] = ()) -> JsonSchemaValue:
    """The document as a dict, not to be changed: it is made once.

    `genres` are the current genres of the catalogue.
    """
    routes = list(_routes())
    models = {one for route in routes for one in (route.view.params, route.view.body) if one}
    schemas, components = _schemas([*(one.view.shape for one in routes), ProblemDetails])
    schemas |= {model: _params_schema(model, genres) for model in models}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Movie recommendations",
            "version": VERSION,
            "description": DESCRIPTION.read_text(encoding="utf-8"),
        },
        "paths": {one.path: _operations(one, schemas) for one in routes},
        "components": {"schemas": components},
        "servers": [],
    }


def _routes() -> Iterator[Route]:
    # By name: that module imports this one.
    for one in get_resolver("app.api.urls").url_patterns:
        if isinstance(one.callback, Endpoint) and one.callback is not openapi:
            path = re.sub(r"<str:(\w+)>", r"{\1}", str(one.pattern))
            yield Route(f"/{path}", str(one.name), one.callback)


def _schemas(shapes: list[type]) -> tuple[Schemas, JsonSchemaValue]:
    """The schema of each shape, and the components that they refer to."""
    documented = ConfigDict(use_attribute_docstrings=True)
    found, definitions = TypeAdapter.json_schemas(
        [
            # The configuration of a dictionary also applies to the dataclasses in it.
            (shape, "serialization", TypeAdapter(dict[str, shape], config=documented))  # type: ignore[valid-type]
            for shape in shapes
        ],
        ref_template=REFERENCE,
    )
    schemas = {shape: found[shape, "serialization"]["additionalProperties"] for shape in shapes}
    return schemas, definitions["$defs"]


def _operations(route: Route, schemas: Schemas) -> JsonSchemaValue:
    """The operations of an address, by method."""
    found = {"get": _operation(route, schemas)}
    if route.view.body:
        found["post"] = _post(found["get"], route.view, schemas[route.view.body], schemas)
    return found


def _post(
    get: JsonSchemaValue, view: Endpoint[Parameters], body: JsonSchemaValue, schemas: Schemas
) -> JsonSchemaValue:
    """The same with its parameters in a body; no cache may keep the answer."""
    good = {"200": _content("application/json", schemas[view.shape], 200)}
    good["200"]["headers"] = _headers({"Cache-Control": "That no cache may keep the answer."})
    return {
        **get,
        "operationId": f"post_{get['operationId']}",
        "summary": f"{get['summary']}, with parameters in JSON",
        "parameters": [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": good | _problems(schemas[ProblemDetails], view, OF_BODIES),
    }


def _operation(route: Route, schemas: Schemas) -> JsonSchemaValue:
    view, name = route.view, route.name
    parameters = [*_path_parameters(view), *_query_parameters(schemas[view.params])]
    good: JsonSchemaValue = {"200": _content("application/json", schemas[view.shape], 200)}
    if not isinstance(view, UncachedEndpoint):
        parameters.append(IF_NONE_MATCH)
        good["200"]["headers"] = _headers(KEPT) | _headers(OPTIONAL, required=False)
        good["304"] = {"description": HTTPStatus(304).phrase, "headers": _headers(KEPT)}
    return {
        "operationId": name,
        "summary": name.replace("_", " ").capitalize(),
        "description": getdoc(view.show) or "",
        "tags": [view.tag],
        "parameters": parameters,
        "responses": good | _problems(schemas[ProblemDetails], view),
    }


def _problems(
    shape: JsonSchemaValue, view: Endpoint[Parameters], more: tuple[int, ...] = ()
) -> JsonSchemaValue:
    """The same problems everywhere, except for bodies."""
    found = {
        str(status): _content("application/problem+json", shape, status)
        for status in sorted((*PROBLEMS, *more))
    }
    found["405"]["headers"] = _headers({"Allow": ", ".join(view.methods)})
    found["503"]["headers"] = _headers({"Retry-After": "In seconds."})
    return found


def _content(media_type: str, schema: JsonSchemaValue, status: int) -> JsonSchemaValue:
    content = {media_type: {"schema": schema}}
    return {"description": HTTPStatus(status).phrase, "content": content}


def _headers(described: dict[str, str], *, required: bool = True) -> JsonSchemaValue:
    return {
        name: {"required": required, "description": description, "schema": {"type": "string"}}
        for name, description in described.items()
    }


def _path_parameters(view: Endpoint[Parameters]) -> list[JsonSchemaValue]:
    described = view.path_type.json_schema()["properties"]
    for schema in described.values():
        del schema["title"]  # it repeats the name
    return [_parameter("path", name, one, required=True) for name, one in described.items()]


def _query_parameters(schema: JsonSchemaValue) -> list[JsonSchemaValue]:
    required = schema.get("required", [])
    return [
        _parameter("query", name, described, required=name in required)
        for name, described in schema["properties"].items()
    ]


def _params_schema(params: type[Parameters], genres: tuple[str, ...]) -> JsonSchemaValue:
    schema = params.model_json_schema()
    properties: dict[str, JsonSchemaValue] = schema.setdefault("properties", {})
    if genres and "genre" in properties:
        allowed = [*genres, *(f"-{genre}" for genre in genres)]
        properties["genre"]["items"] = {"type": "string", "enum": allowed}
    # An optional parameter is left out; it is never null.
    for name, described in properties.items():
        properties[name] = {k: v for k, v in described.items() if (k, v) != ("default", None)}
    return schema


def _parameter(
    place: str, name: str, schema: JsonSchemaValue, *, required: bool
) -> JsonSchemaValue:
    parameter = {"in": place, "name": name, "schema": schema, "required": required}
    if schema.get("uniqueItems"):  # in one parameter, separated by commas
        parameter |= {"style": "form", "explode": False}
    return parameter | {key: schema[key] for key in ("description", "example") if key in schema}


class DocumentEndpoint(Endpoint[NoParams]):
    """Before anything is published there are no genres to list, and that is not an error."""

    def write_problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        if problem.reason != NO_RUN:
            return super().write_problem(request, problem)
        return uncached_response(document())


def _openapi(query: Query[NoParams]) -> JsonSchemaValue:
    """The OpenAPI 3.1 document; it lists the current genres."""
    return document(query.version.genres)


openapi = DocumentEndpoint(_openapi, NoParams)
