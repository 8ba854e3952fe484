"""Types of single values, in queries and in paths: what is allowed, and how it is read.

Their schemas do not allow null: a parameter without a value is left out.
"""

import re
from dataclasses import dataclass

from pydantic import ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

IN_JSON = {"json": True}
"""Context of values from JSON, where a number is not text."""


def is_json(info: ValidationInfo) -> bool:
    return info.context == IN_JSON


def json_number(value: object) -> str:
    """A JSON number as text, 1.0 as 1. Anything else becomes text that is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{type(value).__name__} {value!r}"
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if is_whole else value)


@dataclass(frozen=True)
class WholeNumber:
    """Decimal digits within bounds; Python's int() also accepts `１０`, `1_0` and `01`."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, *_: object) -> CoreSchema:
        bounded = core_schema.int_schema(ge=self.least, le=self.most)
        return core_schema.with_info_before_validator_function(self._read, bounded)

    def _read(self, value: object, info: ValidationInfo) -> int:
        text = json_number(value) if is_json(info) else str(value)
        if re.fullmatch("0|[1-9][0-9]{0,19}", text) and self.least <= int(text) <= self.most:
            return int(text)
        allowed = {"least": self.least, "most": self.most}
        message = "must be a whole number from {least} to {most}"
        raise PydanticCustomError("whole_number", message, allowed)


@dataclass(frozen=True)
class Share:
    """A decimal number from 0 to 1."""

    def __get_pydantic_core_schema__(self, *_: object) -> CoreSchema:
        bounded = core_schema.float_schema(ge=0, le=1)
        return core_schema.with_info_before_validator_function(self._read, bounded)

    def _read(self, value: object, info: ValidationInfo) -> float:
        text = json_number(value) if is_json(info) else str(value)
        if re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,20})?([eE]-?[0-9]{1,3})?", text):
            number = float(text)
            if 0 <= number <= 1:
                return number
        raise PydanticCustomError("share", "must be a number from 0 to 1")


@dataclass(frozen=True)
class Text:
    """At least one character, or whatever `pattern` allows."""

    most: int | None = None
    pattern: str | None = None

    def __get_pydantic_core_schema__(self, *_: object) -> CoreSchema:
        least = None if self.pattern else 1
        return core_schema.str_schema(min_length=least, max_length=self.most, pattern=self.pattern)
