"""Read parameters from queries, paths and bodies; invalid ones are a 400 that names each field."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from inspect import getfullargspec
from typing import Any, TypeVar, get_origin, get_type_hints
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict  # pydantic wants it, up to Python 3.12

from app.web.field_errors import SENTENCES, UNCLEAR, FieldError, field_error
from app.web.parameters import Parameters
from app.web.problems import Problem, bad_parameters
from app.web.values import IN_JSON

P = TypeVar("P", bound=Parameters)
PathType = TypeAdapter[dict[str, object]]
MOST_BYTES = 100_000
"""In a body; 2,000 rated movies take 40,000."""


def read(model: type[P], data: QueryDict) -> P:
    """Validate. Raises Problem (400) naming each bad field, its value and what is allowed."""
    fields = model.model_fields.items()
    lists = {name for name, field in fields if get_origin(field.annotation) is list}
    values = {name: data.getlist(name) if name in lists else data[name] for name in data}
    repeated = [name for name in values if name not in lists and len(data.getlist(name)) > 1]
    errors = [field_error(name, data.get(name), "must be given once", "twice") for name in repeated]
    return _validate(model, values, errors)


def read_json(model: type[P], request: HttpRequest) -> P:
    """Like `read`, for a JSON object in the body.

    Also raises Problem (415, 413) for a body that is not JSON or too large.
    """
    if request.content_type != "application/json":
        detail = "The body must be JSON, and its Content-Type application/json."
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    return _validate(model, _json_object(_body(request)), context=IN_JSON)


def _body(request: HttpRequest) -> bytes:
    """Raises Problem (413)."""
    try:
        if len(request.body) <= MOST_BYTES:
            return request.body
    except RequestDataTooBig:
        pass
    detail = f"The body must have at most {MOST_BYTES:,} bytes."
    raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _json_object(body: bytes) -> dict[str, object]:
    """Raises Problem (400), also for a name that is given twice: which one would count?"""
    try:
        found = json.loads(body, object_pairs_hook=_without_repeats)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is not valid text
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise bad_parameters(field_error("body", None, "must be a JSON object in UTF-8", "no_json"))
    return found


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    for name, count in Counter(name for name, _ in pairs).items():
        if count > 1:
            raise bad_parameters(field_error(name, None, "must be given once", "twice"))
    return dict(pairs)


def _validate(
    model: type[P],
    values: dict[str, Any],
    errors: Sequence[FieldError] = (),
    context: dict[str, bool] | None = None,
) -> P:
    try:
        found = model.model_validate(values, context=context)
        errors = [*errors, *found.conflicts()]
    except ValidationError as error:
        errors = [*errors, *_explained(error, known=model.model_fields)]
    if errors:
        raise bad_parameters(*errors)
    return found


def query_of(request: HttpRequest) -> QueryDict:
    """The parameters as they were sent. Raises Problem (400) if they cannot be read."""
    for parameter in request.META.get("QUERY_STRING", "").split("&"):
        _check_encoding(parameter)
    try:
        return request.GET
    except TooManyFieldsSent:
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        detail = f"must have at most {most} parameters"
        wrong = field_error("query", None, detail, "too_many_parameters")
        raise bad_parameters(wrong) from None


def _check_encoding(parameter: str) -> None:
    """Refuse bytes that are not UTF-8, which Django would replace."""
    try:
        unquote_to_bytes(parameter).decode()
    except UnicodeDecodeError:
        name, _, value = parameter.partition("=")
        raise bad_parameters(field_error(name, value, "must be UTF-8", "not_utf8")) from None


def path_type(view: Callable[..., object]) -> PathType:
    """The type of a view's keyword-only arguments, which come from the path."""
    hints = get_type_hints(view, include_extras=True)
    named = {name: hints[name] for name in getfullargspec(view).kwonlyargs}
    return TypeAdapter(TypedDict("Path", named))  # type: ignore[operator]  # by names


def read_path(type_: PathType, path: dict[str, object]) -> dict[str, object]:
    """Convert the parts of a path. Raises Problem (400) like `read`."""
    try:
        return type_.validate_python(path)
    except ValidationError as error:
        raise bad_parameters(*_explained(error)) from None


WORDS = {
    "extra_forbidden": ("unknown", "unknown; known are: {known}"),
    "literal_error": ("one_of", "must be one of {expected}"),
    "missing": ("missing", "must be given"),
    "string_pattern_mismatch": ("no_version", "must be a version from `next` of a list"),
    "string_too_long": ("too_long", "must have at most {max_length} characters"),
    "string_too_short": ("empty", "must not be empty"),
    "too_long": ("too_many", "must be given at most {max_length} times"),
}
"""pydantic's error types -> our codes, and what is allowed. Our own types say that themselves."""


def _explained(error: ValidationError, known: Iterable[str] = ()) -> list[FieldError]:
    """pydantic's errors in the words of this site."""
    return [_explain(one, known) for one in error.errors(include_url=False)]


def _explain(error: ErrorDetails, known: Iterable[str]) -> FieldError:
    code, detail, bounds = error["type"], error["msg"], error.get("ctx", {})
    if code in WORDS:
        code, allowed = WORDS[code]
        detail = allowed.format(known=", ".join(known) or "none", **bounds)
    elif code not in SENTENCES:
        code = UNCLEAR
    if "max_length" in bounds:
        bounds["most"] = bounds["max_length"]
    value = None if code == "missing" else error["input"]
    return field_error(str(error["loc"][0]), value, detail, code, **bounds)
