"""Query strings into parameters; what makes no sense is a 400 that names each field."""

from typing import TypeVar, get_origin
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.web.complaints import ParameterError, parameter_error
from app.web.parameters import Parameters
from app.web.problems import bad_parameters

P = TypeVar("P", bound=Parameters)


def read(model: type[P], data: QueryDict) -> P:
    """Raises Problem (400) naming each field that makes no sense, its value and what is allowed."""
    fields = model.model_fields.items()
    lists = {name for name, field in fields if get_origin(field.annotation) is list}
    values = {name: data.getlist(name) if name in lists else data[name] for name in data}
    repeated = [name for name in values if name not in lists and len(data.getlist(name)) > 1]
    errors = [
        parameter_error(name, data.get(name), "must be given once", "twice") for name in repeated
    ]
    try:
        found = model.model_validate(values)
    except ValidationError as error:
        errors += [_explain(one, model) for one in error.errors(include_url=False)]
    if errors:
        raise bad_parameters(errors)
    return found


def query_of(request: HttpRequest) -> QueryDict:
    """The parameters as they were sent. Raises Problem (400) for what cannot be read as such."""
    for parameter in request.META.get("QUERY_STRING", "").split("&"):
        _check_encoding(parameter)
    try:
        return request.GET
    except TooManyFieldsSent:
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        detail = f"must have at most {most} parameters"
        wrong = parameter_error("query", None, detail, "too_many_parameters")
        raise bad_parameters([wrong]) from None


def _check_encoding(parameter: str) -> None:
    """Django would put a sign of its own in the place of what is no UTF-8."""
    try:
        unquote_to_bytes(parameter).decode()
    except UnicodeDecodeError:
        name, _, value = parameter.partition("=")
        raise bad_parameters([parameter_error(name, value, "must be UTF-8", "not_utf8")]) from None


CODES = {
    "extra_forbidden": "unknown",
    "whole_number": "whole_number",
    "literal_error": "one_of",
    "string_too_long": "too_long",
    "too_long": "too_many",
}
"""pydantic's words for what is wrong -> ours."""


def _explain(error: ErrorDetails, model: type[Parameters]) -> ParameterError:
    """A complaint of pydantic's in the words of this site."""
    known = ", ".join(model.model_fields) or "none"
    bounds = error.get("ctx", {})
    sentences = {
        "extra_forbidden": f"unknown; known are: {known}",
        "missing": "must be given",
        "literal_error": f"must be one of {bounds.get('expected')}",
        "string_too_short": "must not be empty",
        "string_too_long": f"must have at most {bounds.get('max_length')} characters",
        "string_pattern_mismatch": "must be as `next` of a list names it",
        "too_long": f"must be given at most {bounds.get('max_length')} times",
    }
    value = None if error["type"] == "missing" else error["input"]
    detail = sentences.get(error["type"], error["msg"])
    most = {"most": bounds["max_length"]} if "max_length" in bounds else {}
    code = CODES.get(error["type"], "")
    return parameter_error(str(error["loc"][0]), value, detail, code, **bounds | most)
