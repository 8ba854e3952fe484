"""/api/docs/: the OpenAPI document as a page to read and try out; it works without scripts.

A form is sent to the page itself, which redirects to the JSON address: browsers also send empty
fields, which the API refuses, and cannot put a field into a path.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.gzip import gzip_page
from pydantic.json_schema import JsonSchemaValue

from app.api.openapi import document
from app.pages.addresses import redirect_to_canonical
from app.pages.errors import as_page
from app.pages.language import PARAMETER, finish, language_of, without_language
from app.web.parameters import NoParams
from app.web.problems import Problem, check_method
from app.web.reading import query_of, read

REFERENCE = "#/components/schemas/"
TRY = "try"
"""The parameter that names the operation whose form was sent."""
BODY_EXAMPLE = '{"like": [1, 260], "limit": 5}'


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter, or a field of a shape."""

    name: str
    kind: SafeString
    description: SafeString


@dataclass(frozen=True, slots=True)
class Parameter(Value):
    """A parameter, and what its form field is made from."""

    is_required: bool
    sample: str
    """Its default or an example."""
    filled: str
    """A value for a required parameter, so that the form can be sent as it is."""
    choices: list[str]
    is_number: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """A JSON address."""

    path: str
    anchor: str
    description: SafeString
    example: str
    body_example: str
    """Empty if the address takes no body."""
    parameters: list[Parameter]
    shape: SafeString


@dataclass(frozen=True, slots=True)
class Shape:
    """What an answer holds."""

    name: str
    description: SafeString
    fields: list[Value]


@gzip_page
def api_docs(request: HttpRequest) -> HttpResponse:
    """The page."""
    if elsewhere := redirect_to_canonical(request, {PARAMETER}):
        return elsewhere
    with language_of(request) as code:
        return finish(request, _api_docs(request), code)


def _api_docs(request: HttpRequest) -> HttpResponse:
    described = document()
    try:
        check_method(request)
        typed = without_language(query_of(request))
        if address := _tried(described, typed):
            return HttpResponseRedirect(address)
        read(NoParams, typed)
    except Problem as problem:
        return as_page(request, problem)
    origin = f"{request.scheme}://{request.get_host()}"
    context = {
        "version": described["info"]["version"],
        "origin": origin,
        "introduction": prose(described["info"]["description"]),
        "operations": list(_operations(described, origin)),
        "shapes": list(_shapes(described)),
    }
    response = render(request, "app/api_docs.html", context)
    response["Cache-Control"] = "no-cache"  # a proxy caches addresses under /api/ for all languages
    return response


def _operations(described: JsonSchemaValue, origin: str) -> Iterator[Operation]:
    for path, methods in described["paths"].items():
        operation = methods["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        yield Operation(
            path=path,
            anchor=operation["operationId"],
            description=prose(operation["description"]),
            example=origin + _example(path, operation["parameters"]),
            body_example=BODY_EXAMPLE if "post" in methods else "",
            parameters=[_parameter(one) for one in _fields(operation)],
            shape=kind(schema),
        )


def _example(path: str, parameters: list[JsonSchemaValue]) -> str:
    """An address to try: with the required parameters and no others."""
    query = {}
    for one in parameters:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one.get("example", 1)))
        elif one["required"]:
            query[one["name"]] = one["example"]
    return f"{path}?{urlencode(query)}" if query else path


def _fields(operation: JsonSchemaValue) -> list[JsonSchemaValue]:
    return [one for one in operation["parameters"] if one["in"] != "header"]


def _parameter(one: JsonSchemaValue) -> Parameter:
    schema = {name: value for name, value in one["schema"].items() if name != "description"}
    default, example = schema.get("default"), str(one.get("example", ""))
    return Parameter(
        one["name"],
        kind(schema),
        prose(one["description"]),
        one["required"],
        sample=example if default in (None, []) else str(default),
        filled=(example or "1") if one["required"] else "",
        choices=schema.get("enum", []),
        is_number=schema.get("type") == "integer",
    )


def _tried(described: JsonSchemaValue, typed: QueryDict) -> str | None:
    """The JSON address that a form of this page requests, without its empty fields."""
    wanted = typed.get(TRY)
    for path, methods in described["paths"].items():
        if methods["get"]["operationId"] == wanted:
            return _address(path, _fields(methods["get"]), typed)
    return None


def _address(path: str, parameters: list[JsonSchemaValue], typed: QueryDict) -> str:
    given = {name: values for name in typed if (values := list(filter(None, typed.getlist(name))))}
    given.pop(TRY)
    for one in parameters:
        if one["in"] == "path":
            first, *_ = given.pop(one["name"], [one.get("example", "1")])
            path = path.replace(f"{{{one['name']}}}", quote(str(first), safe=""))
    query = urlencode(given, doseq=True, safe=",:")
    return f"{path}?{query}" if query else path


def _shapes(described: JsonSchemaValue) -> Iterator[Shape]:
    for name, schema in sorted(described["components"]["schemas"].items()):
        fields = [
            Value(field, kind(of_field), prose(of_field.get("description", "")))
            for field, of_field in schema.get("properties", {}).items()
        ]
        yield Shape(name, prose(schema.get("description", "")), fields)


def kind(schema: JsonSchemaValue) -> SafeString:
    """What a schema allows, in a few words; the name of a shape links to it."""
    found = _kind(schema)
    bounds = [str(schema[name]) for name in ("minimum", "maximum") if name in schema]
    if len(bounds) == 2:
        found += f", {' to '.join(bounds)}"
    if "maxLength" in schema:
        found += f", at most {schema['maxLength']} characters"
    if schema.get("default") not in (None, []):
        found += f", default {escape(schema['default'])}"
    return mark_safe(found)  # noqa: S308  # all names are escaped


def _kind(schema: JsonSchemaValue) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].removeprefix(REFERENCE))
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"<code>{escape(one)}</code>" for one in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(schema['const'])}</code>"
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object, each value {kind(schema['additionalProperties'])}"
    return escape(schema.get("format") or schema.get("type", "anything"))


def prose(text: str) -> SafeString:
    """Paragraphs with the little Markdown that the document uses."""
    marked = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(text), flags=re.DOTALL)
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", marked)
    paragraphs = marked.strip().split("\n\n")
    shown = "".join(f"<p>{one}</p>" for one in paragraphs if one)
    return mark_safe(shown)  # noqa: S308  # escaped before the markup was added
