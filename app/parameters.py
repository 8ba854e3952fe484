"""The parameters of every address: one meaning on the JSON addresses and on the pages.

The models here are the only place that says what is allowed: they validate, and the OpenAPI
document and its docs are made of them. What only the database knows (is there such a genre,
such a run?) is asked by the queries.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, TypeVar, get_origin
from urllib.parse import unquote_to_bytes, urlencode

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from ninja import Schema
from ninja.params.models import Path, Query, QueryModel
from pydantic import ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.complaints import LARGEST, ParameterError
from app.problems import bad_parameters

MOST_GENRES = 20
LONGEST_SHOWN = 200
"""Characters of a wrong name or value that are told back."""


@dataclass(frozen=True)
class WholeNumber:
    """Decimal digits within bounds, in one way; Python's int() takes `１０`, `1_0` and `01` too."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        bounded = core_schema.int_schema(ge=self.least, le=self.most)
        return core_schema.no_info_before_validator_function(self.read, bounded)

    def read(self, value: object) -> int:
        text = str(value)
        if re.fullmatch("0|[1-9][0-9]{0,19}", text) and self.least <= int(text) <= self.most:
            return int(text)
        allowed = {"least": self.least, "most": self.most}
        message = "must be a whole number from {least} to {most}"
        raise PydanticCustomError("whole_number", message, allowed)


@dataclass(frozen=True)
class Text:
    """Some characters. Like `WholeNumber` it is not null: what is not given is left out."""

    most: int

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.str_schema(min_length=1, max_length=self.most)


MovieId = Annotated[
    int, WholeNumber(1, LARGEST), Path(..., description="Its MovieLens id.", example=1)
]
RunId = Annotated[int, WholeNumber(1, LARGEST), Path(..., description="The number of a run.")]
Year = Annotated[int | None, WholeNumber(1800, 2100)]
Genre = Annotated[str, Text(65)]
TITLE_WORDS = Field(
    description="Words that begin words of the title, in any order; accents, case and "
    "punctuation do not matter. Text without any letter or digit finds nothing.",
    json_schema_extra={"example": "the matrix"},
)
Order = Literal["weighted_rating", "avg_rating", "rating_count", "year"]


class Parameters(Schema):
    """What an address takes; what is not named is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def query(self) -> str:
        """The canonical query string: what is default is left out, the order is fixed."""
        given = self.model_dump(exclude_defaults=True)
        plain = {name: sorted(set(v)) if isinstance(v, list) else v for name, v in given.items()}
        return urlencode(sorted(plain.items()), doseq=True)


class Nothing(Parameters):
    """For addresses that take no parameters."""


class OfRun(Parameters):
    run: Annotated[
        int | None,
        WholeNumber(1, LARGEST),
        Field(description="A run whose rows are kept; by default the current one."),
    ] = None


class Stretch(Parameters):
    limit: Annotated[
        int, WholeNumber(1, 100), Field(description="How many results at the most.")
    ] = 20
    offset: Annotated[
        int, WholeNumber(0, 1_000_000), Field(description="How many results to pass over.")
    ] = 0

    def next_offset(self, count: int) -> int | None:
        """Where the next stretch of a list of `count` entries begins."""
        following = self.offset + self.limit
        return following if following < count else None

    def previous_offset(self, count: int) -> int | None:
        """Where the stretch before begins; from past the end it leads back to the end."""
        return max(min(self.offset, count) - self.limit, 0) if self.offset else None

    def at(self, offset: int | None, **pinned: int) -> Self | None:
        """The same list from `offset` on, or None where there is no offset."""
        return None if offset is None else self.model_copy(update={"offset": offset, **pinned})


class OfRunStretch(Stretch, OfRun):
    """A list that belongs to a run."""


class UpToRunStretch(OfRunStretch):
    """The list of the runs themselves."""

    run: Annotated[
        int | None,
        WholeNumber(1, LARGEST),
        Field(description="The newest run to be listed; by default the newest that there is."),
    ] = None


class Listing(OfRunStretch):
    genre: Annotated[
        list[Genre],
        Field(
            max_length=MOST_GENRES,
            description="Movies of any of these genres, by whole names; `-Horror` leaves the "
            "movies of a genre out. Repeatable.",
        ),
    ] = []
    year_from: Annotated[Year, Field(description="Not older than this; inclusive.")] = None
    year_to: Annotated[Year, Field(description="Not newer than this; inclusive.")] = None
    min_ratings: Annotated[
        int | None,
        WholeNumber(0, LARGEST),
        Field(
            description="At least so many ratings; by default the run's eligibility floor, "
            "which pinned movies need not reach."
        ),
    ] = None
    q: Annotated[str | None, Text(100), TITLE_WORDS] = None
    order: Annotated[
        Order,
        Field(
            description="What the list is ordered by, the greatest first. Pinned movies stand at "
            "their positions in the order of `weighted_rating` only."
        ),
    ] = "weighted_rating"

    @property
    def is_narrowed(self) -> bool:
        """Whether it is anything but the whole ranking, whatever its order."""
        bounds = (self.year_from, self.year_to, self.min_ratings, self.q)
        return bool(self.genre) or any(bound is not None for bound in bounds)

    @property
    def selection(self) -> str:
        """What decides how long the list is, defaults included: all its stretches share it."""
        return self.model_dump_json(exclude={"run", "limit", "offset", "order"})


class PageListing(Listing):
    """The ranking as a page has it: more rows at once."""

    limit: Annotated[int, WholeNumber(1, 100)] = 50


class Search(Listing):
    """A listing that a title must be given for, and in which every rated movie counts."""

    q: Annotated[str, Text(100), TITLE_WORDS]
    min_ratings: Annotated[
        int, WholeNumber(0, LARGEST), Field(description="At least so many ratings.")
    ] = 0


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
        error = parameter_error("query", None, detail, "too_many_parameters")
        raise bad_parameters([error]) from None


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


def _explain(error: Any, model: type[Parameters]) -> ParameterError:
    """A complaint of pydantic's in the words of this site."""
    known = ", ".join(model.model_fields) or "none"
    bounds = error.get("ctx", {})
    sentences = {
        "extra_forbidden": f"unknown; known are: {known}",
        "missing": "must be given",
        "literal_error": f"must be one of {bounds.get('expected')}",
        "string_too_short": "must not be empty",
        "string_too_long": f"must have at most {bounds.get('max_length')} characters",
        "too_long": f"must be given at most {bounds.get('max_length')} times",
    }
    value = None if error["type"] == "missing" else error["input"]
    detail = sentences.get(error["type"], error["msg"])
    most = {"most": bounds["max_length"]} if "max_length" in bounds else {}
    code = CODES.get(error["type"], "")
    return parameter_error(str(error["loc"][0]), value, detail, code, **bounds, **most)


def parameter_error(
    name: str, value: Any, detail: str, code: str = "", **bounds: Any
) -> ParameterError:
    shown = value if value is None else str(value)[:LONGEST_SHOWN]
    return ParameterError(name[:LONGEST_SHOWN], shown, detail, code, bounds)


class StrictQueryModel(QueryModel):
    """ninja itself drops unknown parameters and takes the last of repeated ones."""

    @classmethod
    def resolve(cls, request: HttpRequest, *_: Any, **__: Any) -> Self:
        ((name, field),) = cls.model_fields.items()
        model: Any = field.annotation
        return cls.model_construct(**{name: read(model, query_of(request))})


class StrictQuery(Query):  # type: ignore[misc]  # ninja builds on pydantic's final class
    """What `Asked` marks the parameters of an operation with."""

    _model = StrictQueryModel

    @classmethod
    def _param_source(cls) -> str:
        return "query"


Asked = Annotated[P, StrictQuery(...)]
"""`asked: Asked[Listing]`: the query string of an operation of ninja's, read by `read`."""
