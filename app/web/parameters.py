"""The parameters of every address: one meaning on the JSON addresses and on the pages.

The models here are the only place that says what is allowed: they validate, and the OpenAPI
document is made of them. What only a catalogue knows (is there such a genre, such a run?) it says
itself.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Self, TypeVar, get_origin, get_type_hints
from urllib.parse import unquote_to_bytes, urlencode

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from app.catalogue.orders import RANKING, Order
from app.catalogue.ranking import MovieFilter
from app.web.problems import FieldError, bad_parameters

LARGEST = 2**31 - 1
"""What an integer column holds on every engine."""
MOST_GENRES = 20
LONGEST_SHOWN = 200
"""Characters of a wrong name or value that are told back."""


@dataclass(frozen=True)
class WholeNumber:
    """Decimal digits within bounds, in one way; Python's int() takes `１０`, `1_0` and `01` too."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, _: object, __: GetCoreSchemaHandler) -> CoreSchema:
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
class Version:
    """The token of a version of the catalogue, as `next` has it."""

    def __get_pydantic_core_schema__(self, _: object, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.str_schema(pattern="^[0-9a-f]{12}-[0-9a-f]{12}$")


@dataclass(frozen=True)
class Text:
    """Some characters. Like `WholeNumber` it is not null: what is not given is left out."""

    most: int

    def __get_pydantic_core_schema__(self, _: object, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.str_schema(min_length=1, max_length=self.most)


MovieId = Annotated[
    int,
    WholeNumber(1, LARGEST),
    Field(description="Its MovieLens id.", json_schema_extra={"example": 1}),
]
RunId = Annotated[int, WholeNumber(1, LARGEST), Field(description="The number of a run.")]
Year = Annotated[int | None, WholeNumber(1800, 2100)]
Genre = Annotated[str, Text(65)]
TITLE_WORDS = Field(
    description="Words that begin words of the title, in any order; accents, case and "
    "punctuation do not matter. Text without any letter or digit finds nothing.",
    json_schema_extra={"example": "the matrix"},
)


class Parameters(BaseModel):
    """What an address takes; what is not named is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def query(self) -> str:
        """The canonical query string: what is default is left out, the order is fixed."""
        given = self.model_dump(exclude_defaults=True)
        plain = {name: sorted(set(v)) if isinstance(v, list) else v for name, v in given.items()}
        return urlencode(sorted(plain.items()), doseq=True)


class NoParams(Parameters):
    """For addresses that take no parameters."""


class RunParams(Parameters):
    run: Annotated[
        int | None,
        WholeNumber(1, LARGEST),
        Field(description="A run whose rows are kept; by default the current one."),
    ] = None


class Pagination(Parameters):
    limit: Annotated[
        int, WholeNumber(1, 100), Field(description="How many results at the most.")
    ] = 20
    offset: Annotated[
        int, WholeNumber(0, 1_000_000), Field(description="How many results to pass over.")
    ] = 0

    def next_offset(self, count: int) -> int | None:
        """Where the next page of a list of `count` entries begins."""
        following = self.offset + self.limit
        return following if following < count else None

    def previous_offset(self, count: int) -> int | None:
        """Where the page before begins; from past the end it leads back to the end."""
        return max(min(self.offset, count) - self.limit, 0) if self.offset else None

    def at(self, offset: int | None, **pinned: int | str) -> Self | None:
        """The same list from `offset` on, or None where there is no offset."""
        return None if offset is None else self.model_copy(update={"offset": offset, **pinned})


class PageParams(Pagination, RunParams):
    """A list that belongs to a run."""

    version: Annotated[
        str | None,
        Version(),
        Field(
            description="The version of the catalogue that the pages before were of, as `next` "
            "names it. Where it is gone the run alone is held to, and `notice` says so."
        ),
    ] = None


class RunHistoryParams(Pagination):
    """The list of the runs themselves."""

    run: Annotated[
        int | None,
        WholeNumber(1, LARGEST),
        Field(description="The newest run to be listed; by default the newest that there is."),
    ] = None


class RankingParams(PageParams):
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
    ] = RANKING

    @property
    def filter(self) -> MovieFilter:
        return MovieFilter(
            genres=tuple(name for name in self.genre if not name.startswith("-")),
            without_genres=tuple(name[1:] for name in self.genre if name.startswith("-")),
            year_from=self.year_from,
            year_to=self.year_to,
            min_ratings=self.min_ratings,
            words=self.q,
        )


class SearchParams(RankingParams):
    """A ranking that a title must be given for, and in which every rated movie counts."""

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
    errors = [parameter_error(name, data.get(name), "must be given once") for name in repeated]
    try:
        found = model.model_validate(values)
    except ValidationError as error:
        errors += [_explain(one, model) for one in error.errors(include_url=False)]
    if errors:
        raise bad_parameters(errors)
    return found


def path_hints(view: Callable[..., object]) -> dict[str, object]:
    """What a view takes out of its path: name -> annotated type."""
    hints = get_type_hints(view, include_extras=True)
    return {name: hint for name, hint in hints.items() if _numbers_in(hint)}


def path_numbers(view: Callable[..., object]) -> dict[str, WholeNumber]:
    """What a view takes out of its path: name -> what is allowed."""
    return {name: _numbers_in(hint)[0] for name, hint in path_hints(view).items()}


def _numbers_in(hint: object) -> list[WholeNumber]:
    return [mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, WholeNumber)]


def read_path(given: dict[str, object], numbers: dict[str, WholeNumber]) -> None:
    """Make numbers of the texts that a path has. Raises Problem (400)."""
    errors = []
    for name, number in numbers.items():
        try:
            given[name] = number.read(given[name])
        except PydanticCustomError as error:
            errors.append(parameter_error(name, given[name], error.message()))
    if errors:
        raise bad_parameters(errors)


def query_of(request: HttpRequest) -> QueryDict:
    """The parameters as they were sent. Raises Problem (400) for what cannot be read as such."""
    for parameter in request.META.get("QUERY_STRING", "").split("&"):
        _check_encoding(parameter)
    try:
        return request.GET
    except TooManyFieldsSent:
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        wrong = parameter_error("query", None, f"must have at most {most} parameters")
        raise bad_parameters([wrong]) from None


def _check_encoding(parameter: str) -> None:
    """Django would put a sign of its own in the place of what is no UTF-8."""
    try:
        unquote_to_bytes(parameter).decode()
    except UnicodeDecodeError:
        name, _, value = parameter.partition("=")
        raise bad_parameters([parameter_error(name, value, "must be UTF-8")]) from None


def without_empty(data: QueryDict) -> QueryDict:
    """What a form on a page says: browsers send its empty fields as well."""
    kept = QueryDict(mutable=True)
    for name, values in data.lists():
        if filled := [value for value in values if value]:
            kept.setlist(name, filled)
    return kept


def _explain(error: ErrorDetails, model: type[Parameters]) -> FieldError:
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
    return parameter_error(str(error["loc"][0]), value, sentences.get(error["type"], error["msg"]))


def parameter_error(name: str, value: object, detail: str) -> FieldError:
    shown = value if value is None else str(value)[:LONGEST_SHOWN]
    return FieldError(name[:LONGEST_SHOWN], shown, detail)
