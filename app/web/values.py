"""Types of single values, in queries and in paths: what is allowed, and how it is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_type_hints

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.web.complaints import parameter_error
from app.web.problems import bad_parameters


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
            errors.append(parameter_error(name, given[name], error.message(), error.type))
    if errors:
        raise bad_parameters(errors)
