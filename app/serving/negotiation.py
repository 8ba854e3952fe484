"""Conditional requests and compression (RFC 9110)."""

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

from app.serving.answer_cache import Answer
from app.serving.watcher import VersionCheck


def negotiate(request: HttpRequest, answer: Answer, check: VersionCheck) -> HttpResponse:
    """A 200 in an encoding that the client accepts, or a 304 if it already has the answer."""
    headers = answer.headers | (_staleness(check) if check.error else {})
    # If-Modified-Since alone decides nothing: a curator's change does not move the run's time.
    if matches(request.META.get("HTTP_IF_NONE_MATCH", ""), headers["ETag"]):
        response = HttpResponse(status=304, headers=headers)
        del response["Content-Type"]
        return response
    body = answer.body
    if takes_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")) and answer.compressed:
        body = answer.compressed
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    return HttpResponse(body, content_type=answer.content_type, headers=headers)


def _staleness(check: VersionCheck) -> dict[str, str]:
    """Headers that say how long ago the database last confirmed the version (RFC 9111, 9211)."""
    status = f"recsys; hit; ttl=-{check.age}; detail=database-unreachable"
    return {"Age": str(check.age), "Cache-Status": status}


def matches(if_none_match: str, etag: str) -> bool:
    """Whether If-None-Match lists the ETag, by weak comparison."""
    if not if_none_match:
        return False
    wanted = {candidate.removeprefix("W/") for candidate in parse_etags(if_none_match)}
    return "*" in wanted or etag.removeprefix("W/") in wanted


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    """Whether the header lists gzip, or anything, with a weight that is not 0."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        name, _, parameter = part.partition(";")
        weights[name.strip()] = "".join(parameter.split())
    weight = weights.get("gzip", weights.get("*", "q=0"))
    return weight.rstrip("0") not in ("q=", "q=0.")
