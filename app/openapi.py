"""The OpenAPI 3.1 document: ninja writes it of the operations, and here is what it cannot know."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from app import schemas

PROBLEMS = dict.fromkeys((400, 404, 405, 500, 503), schemas.Problem)
OF_THIS_MOMENT = ("health", "live")
"""Operations whose answers nobody keeps."""
KEPT = {
    "ETag": "Names the run, the decisions of curators, the parameters and the API's version.",
    "Last-Modified": "When the run was published.",
    "Cache-Control": "How long a cache may keep the answer.",
}
STALE = {
    "Age": "While the database is away: seconds since it last confirmed the answer.",
    "Warning": "While the database is away: that the answer may be out of date.",
}
DESCRIPTION = """\
Rankings of MovieLens movies by a Bayesian weighted rating. All of it can be read by anybody and
changed by nobody: GET and HEAD only.

**Runs and editions.** A batch job publishes numbered runs. A run does not change once it is
current; what an answer says depends on the run, on the catalogue that the newest run brought, on
what curators decided, and on its parameters, and on nothing else. `ETag` names all of these: send
it back as `If-None-Match`, and an answer that did not change costs 304 and no body.
(`Last-Modified` is the time of the run. A curator's change does not move it, so
`If-Modified-Since` alone is never answered by 304.) A publish or a curator's change is seen here
within a second; caches may keep an answer for the 60 seconds that `Cache-Control` allows, and the
cache in front of this site for up to two. `next` names the run it came from, so paging never mixes
two runs.

**Parameters** mean the same everywhere. Unknown, repeated or senseless ones are a 400 that names
the field, the value and what is allowed; nothing is changed in silence. A `run` whose rows are
not kept is a 404 that lists those that are. What fits together but leaves nothing, such as a
`year_from` after `year_to`, is an empty list.

**Errors** are RFC 9457 problem details, always. While the database is away, answers that are known
are still given, with `Age` (seconds since the database last confirmed them) and
`Warning: 110 - "Response is Stale"`; the others are a 503 with `Retry-After`. No answer takes
longer than 10 seconds.

**Versions.** `info.version` is MAJOR.MINOR.PATCH. New addresses, parameters and fields raise MINOR
and may come at any time: ignore fields that you do not know. What would break a client raises
MAJOR: it is announced here and by a `Deprecation` and a `Sunset` header (RFC 9745, RFC 8594) on the
old address, which goes on working for at least six months. The first release's addresses `/`,
`/health/`, `/stats/` and `/recommendations/` stay where they are.
"""


def document(api: NinjaAPI, genres: list[str]) -> dict[str, Any]:
    """The document as a dict; `genres` are those that the catalogue has now."""
    found = OpenAPISchema(api, "")
    for operations in found["paths"].values():
        for operation in operations.values():
            _name(operation)
            _describe_problems(operation)
            if operation["operationId"] not in OF_THIS_MOMENT:
                _describe_caching(operation)
            _name_genres(operation, genres)
    return found


def _name(operation: dict[str, Any]) -> None:
    """By what it is about; ninja goes by the names of modules and functions."""
    operation["operationId"] = operation["operationId"].removeprefix("app_api_").rstrip("_")
    operation["summary"] = operation["summary"].strip()


def _describe_problems(operation: dict[str, Any]) -> None:
    responses = {str(status): response for status, response in operation["responses"].items()}
    for status in map(str, PROBLEMS):
        # ninja knows one media type for all answers.
        content = responses[status]["content"]
        content["application/problem+json"] = content.pop("application/json")
    responses["405"]["headers"] = _headers({"Allow": "GET and HEAD."})
    responses["503"]["headers"] = _headers({"Retry-After": "In seconds."})
    operation["responses"] = responses


def _describe_caching(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses["200"]["headers"] = _headers(KEPT) | _headers(STALE, required=False)
    responses["304"] = {"description": "Not Modified", "headers": _headers(KEPT)}
    operation["parameters"].append(
        {"in": "header", "name": "If-None-Match", "required": False,
         "description": "ETags of answers that the client has.", "schema": {"type": "string"}}
    )  # fmt: skip


def _headers(described: dict[str, str], *, required: bool = True) -> dict[str, Any]:
    return {
        name: {"required": required, "description": description, "schema": {"type": "string"}}
        for name, description in described.items()
    }


def _name_genres(operation: dict[str, Any], genres: list[str]) -> None:
    for parameter in operation["parameters"]:
        if parameter["name"] == "genre" and genres:
            allowed = [*genres, *(f"-{genre}" for genre in genres)]
            parameter["schema"]["items"] = {"type": "string", "enum": allowed}
