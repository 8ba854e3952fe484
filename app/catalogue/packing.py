"""Read the packed columns of a run, as the job's contract defines them, without numpy.

Little-endian, without padding: the first field's numbers of all entries, then the second's, and
so on, so a field is one array. The number of entries follows from the length of the bytes.
"""

import sys
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from struct import calcsize
from typing import Any

VERSION = 1
"""The version that this site reads; a run's `fitted_models` says in which one it was packed."""

Packed = tuple[tuple[str, str, int], ...]
"""(name, code of `struct`, numbers per entry)."""
MONTHS: Packed = (("month", "H", 1), ("ratings", "I", 1))
SIMILAR_MOVIES: Packed = (("movie_id", "I", 1), ("lift", "f", 1), ("users", "I", 1))
VISITOR_WEIGHTS: Packed = (("movie_id", "I", 1), ("step", "b", 1))
USER_RECOMMENDATIONS: Packed = (
    ("movie_id", "I", 1),
    ("score", "f", 1),
    ("reason", "I", 3),
    ("contribution", "f", 3),
)


def unpack(packed: bytes, layout: Packed) -> list["array[Any]"]:
    """An array for each field; several numbers per entry are adjacent."""
    width = sum(numbers * calcsize(f"<{code}") for _, code, numbers in layout)
    entries, start = len(packed) // width, 0
    found: list[array[Any]] = []
    for _, code, numbers in layout:
        column: array[Any] = array(code)
        end = start + entries * numbers * column.itemsize
        column.frombytes(packed[start:end])
        if sys.byteorder == "big":
            column.byteswap()
        found.append(column)
        start = end
    return found


@dataclass(frozen=True, slots=True)
class PackedRows:
    """A packed column of a table in memory: contiguous bytes instead of an object per row."""

    rows: "array[int]" = field(default_factory=lambda: array("i"))
    """The rows that have bytes, ascending."""
    ends: "array[int]" = field(default_factory=lambda: array("q"))
    data: bytearray = field(default_factory=bytearray)

    def add(self, row: int, packed: bytes | memoryview) -> None:
        """Rows must ascend."""
        self.rows.append(row)
        self.data.extend(packed)
        self.ends.append(len(self.data))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data) + len(self) * (self.rows.itemsize + self.ends.itemsize)

    def find(self, row: int) -> int | None:
        """The entry with a row's bytes, if it has any."""
        entry = bisect_left(self.rows, row)
        return entry if entry < len(self) and self.rows[entry] == row else None

    def __getitem__(self, entry: int) -> bytes:
        start = self.ends[entry - 1] if entry else 0
        return bytes(self.data[start : self.ends[entry]])

    def get(self, row: int) -> bytes:
        """A row's bytes; empty if it has none."""
        entry = self.find(row)
        return b"" if entry is None else self[entry]
