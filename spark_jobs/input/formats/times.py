"""Convert the times of ratings to seconds since 1970.

A file uses one form, detected from its first rows and required of every row. Times
without a zone are in UTC; a date alone means its midnight.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

UNITS = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000}
ISO = "iso"
NO_TIMES = "none"
NO_TIME = -1
"""In place of seconds: not a valid time."""
FIRST_MILLISECONDS, FIRST_MICROSECONDS = 10**11, 10**14
"""As seconds these are thousands of years ahead, as milli- or microseconds in 1973."""
NUMBER = r"0*[0-9]{1,18}(?:\.0*)?"
ISO_TIME = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
is_number, is_iso = re.compile(NUMBER).fullmatch, re.compile(ISO_TIME).fullmatch


def detect(values: Iterable[str]) -> str:
    """The most common form of the values; seconds if none is recognised."""
    forms = Counter(form for value in values if (form := _form(value)))
    return max(forms, key=lambda form: (forms[form], form)) if forms else "seconds"


def seconds(values: pa.Array, form: str) -> NDArray[np.int64]:
    """The seconds of each text; NO_TIME for a text that is not in that form."""
    found = _all_iso(values) if form == ISO else _all_numbers(values, UNITS[form])
    if found is not None:
        return found
    return np.array([seconds_of(value, form) for value in values.to_pylist()], np.int64)


def seconds_of(value: str, form: str) -> int:
    """The seconds of one text; NO_TIME if it is not in that form."""
    if form == ISO:
        return _iso_seconds(value) if is_iso(value) else NO_TIME
    return int(value.partition(".")[0]) // UNITS[form] if is_number(value) else NO_TIME


def _form(value: str) -> str | None:
    if is_iso(value):
        return ISO
    if not is_number(value):
        return None
    number = int(value.partition(".")[0])
    if number >= FIRST_MICROSECONDS:
        return "microseconds"
    return "milliseconds" if number >= FIRST_MILLISECONDS else "seconds"


def _all_iso(values: pa.Array) -> NDArray[np.int64] | None:
    """Convert all at once if Arrow can (all with a zone or all without); else None."""
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            stamps = _all(values, ISO_TIME).cast(kind).cast(pa.int64()).to_numpy()
        except pa.ArrowInvalid:
            continue
        return np.where(stamps < 0, NO_TIME, stamps // 1_000_000)
    return None


def _all_numbers(values: pa.Array, unit: int) -> NDArray[np.int64] | None:
    try:
        whole = pc.replace_substring_regex(_all(values, NUMBER), r"\.0*$", "")
        numbers: NDArray[np.int64] = whole.cast(pa.int64()).to_numpy()
        return numbers // unit
    except pa.ArrowInvalid:
        return None


def _all(values: pa.Array, pattern: str) -> pa.Array:
    """The values; ArrowInvalid unless each matches the pattern."""
    if not pc.all(pc.match_substring_regex(values, f"^(?:{pattern})$"), min_count=0).as_py():
        raise pa.ArrowInvalid(pattern)
    return values


def _iso_seconds(value: str) -> int:
    plain = value.replace("UTC", "Z").replace(" Z", "Z").replace(" +", "+").replace(" -", "-")
    plain = re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", plain)
    try:
        moment = datetime.fromisoformat(plain.replace("Z", "+00:00"))
    except ValueError:
        return NO_TIME
    return max(int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() // 1), NO_TIME)
