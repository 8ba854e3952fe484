"""The movies that a visitor names, in an address or in a JSON body: `like` and `rated`.

They are read into text in a canonical form, in ascending order of ids, so that equal lists are
equal parameters: "1,260", "1:4.5,260:3.0".
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from pydantic import ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.models.fields import LARGEST
from app.web.values import is_json, json_number

ID = re.compile("[1-9][0-9]{0,9}")
STARS = re.compile(r"0\.5|5(\.0)?|[1-4](\.[05])?")
RATING = f"^{ID.pattern}:({STARS.pattern})$"


def movie_ids(text: str | None) -> list[int]:
    """The ids in a text from MovieIds, or in none."""
    return [int(movie_id) for movie_id in text.split(",")] if text else []


def ratings(text: str | None) -> dict[int, float]:
    """Movie id -> stars, in a text from Ratings, or in none."""
    pairs = (entry.split(":") for entry in text.split(",")) if text else ()
    return {int(movie_id): float(stars) for movie_id, stars in pairs}


@dataclass(frozen=True)
class MovieIds:
    """1,260 in an address, [1, 260] in JSON."""

    most: int

    def __get_pydantic_core_schema__(self, *_: object) -> CoreSchema:
        return core_schema.with_info_before_validator_function(self.read, core_schema.str_schema())

    def __get_pydantic_json_schema__(self, *_: object) -> JsonSchemaValue:
        id_ = {"type": "integer", "minimum": 1, "maximum": LARGEST}
        return {"type": "array", "items": id_, "maxItems": self.most} | ONCE

    def read(self, value: object, info: ValidationInfo) -> str:
        """The canonical text. Raises PydanticCustomError."""
        texts = _json_numbers(value) if is_json(info) else str(value).split(",")
        found = [_movie_id(text) for text in texts]
        _check_number(found, self.most)
        return ",".join(map(str, sorted(found)))


@dataclass(frozen=True)
class Ratings:
    """1:4.5,260:3 in an address; in JSON {"1": 4.5, "260": 3} or ["1:4.5", "260:3"]."""

    most: int
    in_json: bool = False

    def __get_pydantic_core_schema__(self, *_: object) -> CoreSchema:
        return core_schema.with_info_before_validator_function(self.read, core_schema.str_schema())

    def __get_pydantic_json_schema__(self, *_: object) -> JsonSchemaValue:
        texts: JsonSchemaValue = {"type": "string", "pattern": RATING}
        listed = {"type": "array", "items": texts, "maxItems": self.most} | ONCE
        if not self.in_json:
            return listed
        stars = {"type": "number", "minimum": 0.5, "maximum": 5, "multipleOf": 0.5}
        mapped = {
            "type": "object",
            "propertyNames": {"pattern": f"^{ID.pattern}$"},
            "additionalProperties": stars,
            "minProperties": 1,
            "maxProperties": self.most,
        }
        return {"anyOf": [mapped, listed]}

    def read(self, value: object, info: ValidationInfo) -> str:
        """The canonical text. Raises PydanticCustomError."""
        found = [(_movie_id(id_), _stars(stars)) for id_, stars in self._pairs(value, info)]
        _check_number([movie_id for movie_id, _ in found], self.most)
        return ",".join(f"{movie_id}:{stars}" for movie_id, stars in sorted(found))

    def _pairs(self, value: object, info: ValidationInfo) -> Sequence[tuple[str, str]]:
        if is_json(info) and isinstance(value, dict):
            return list(zip(value, _json_numbers(list(value.values())), strict=True))
        entries = value if is_json(info) else str(value).split(",")
        if not isinstance(entries, list) or not all(isinstance(one, str) for one in entries):
            raise _wrong(
                "ratings", "must be a list such as 1:4.5, or an object of movie ids and stars"
            )
        halves = [entry.partition(":") for entry in entries]
        return [(movie_id, stars) for movie_id, _, stars in halves]


ONCE: JsonSchemaValue = {"minItems": 1, "uniqueItems": True}


def _movie_id(text: str) -> int:
    if not ID.fullmatch(text) or int(text) > LARGEST:
        detail = f"“{text[:20]}” is not a movie id: ids are whole numbers from 1 to {LARGEST}"
        raise _wrong("movie_id", detail, text=text[:20])
    return int(text)


def _stars(text: str) -> float:
    if not STARS.fullmatch(text):
        detail = f"“{text[:20]}” is not a rating: ratings go from 0.5 to 5 in steps of 0.5"
        raise _wrong("stars", detail, text=text[:20])
    return float(text)


def _json_numbers(values: object) -> list[str]:
    """The numbers in a list, as text."""
    if not isinstance(values, list):
        raise _wrong("movie_ids", "must be a list of movie ids")
    return [json_number(value) for value in values]


def _check_number(movie_ids: list[int], most: int) -> None:
    if not 1 <= len(movie_ids) <= most:
        raise _wrong("number_of_movies", f"must name 1 to {most} movies", most=most)
    twice = [movie_id for movie_id, count in Counter(movie_ids).items() if count > 1]
    if twice:
        raise _wrong("movie_twice", f"movie {twice[0]} is named twice", movie=twice[0])


def _wrong(code: LiteralString, detail: str, **bounds: object) -> PydanticCustomError:
    # The detail may contain braces itself.
    return PydanticCustomError(code, "{fault}", {"fault": detail, **bounds})
