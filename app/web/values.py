"""Types of single values, in queries and in paths: what is allowed, and how it is read.

Their schemas have no null: a parameter without a value is left out.
"""

import re
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True)
class WholeNumber:
    """Decimal digits within bounds, in one way; Python's int() takes `１０`, `1_0` and `01` too."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, _: object, __: GetCoreSchemaHandler) -> CoreSchema:
        bounded = core_schema.int_schema(ge=self.least, le=self.most)
        return core_schema.no_info_before_validator_function(self._read, bounded)

    def _read(self, value: object) -> int:
        text = str(value)
        if re.fullmatch("0|[1-9][0-9]{0,19}", text) and self.least <= int(text) <= self.most:
            return int(text)
        allowed = {"least": self.least, "most": self.most}
        message = "must be a whole number from {least} to {most}"
        raise PydanticCustomError("whole_number", message, allowed)


@dataclass(frozen=True)
class Text:
    """At least one character, or what `pattern` allows."""

    most: int | None = None
    pattern: str | None = None

    def __get_pydantic_core_schema__(self, _: object, __: GetCoreSchemaHandler) -> CoreSchema:
        least = None if self.pattern else 1
        return core_schema.str_schema(min_length=least, max_length=self.most, pattern=self.pattern)
