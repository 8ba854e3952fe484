"""The reasons to reject a row, and the counts of accepted and rejected rows.

`movies/catalogue.py`, `movies/links.py`, `movies/tags.py` and `ratings/blocks.py` apply them. No
row disappears: rows read are rows accepted, superseded or rejected.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice
from typing import Literal

from spark_jobs.contract import GENRE_LENGTH, LINK_LENGTH, RAW_LENGTH, TAG_LENGTH, TITLE_LENGTH
from spark_jobs.input.formats.file_format import LIST_SEPARATOR, FileFormat
from spark_jobs.input.formats.ids import LARGEST_ID

Reason = Literal[
    "bad_text",
    "malformed",
    "bad_id",
    "bad_timestamp",
    "rating_out_of_range",
    "not_half_star",
    "unknown_movie",
    "missing_title",
    "title_too_long",
    "genre_too_long",
    "duplicate_movie",
    "id_collision",
    "missing_tag",
    "tag_too_long",
    "bad_link",
    "duplicate_link",
]
"""The codes of the reasons, a closed list: mypy accepts no others."""

REASONS: dict[Reason, str] = {
    "bad_text": "the row has bytes that are invalid in its encoding, or control characters",
    "malformed": "the row does not have the columns of its header, or a rating is not a number",
    "bad_id": f"a user or movie id is not a whole number from 1 to {LARGEST_ID}, or empty",
    "bad_timestamp": "the time is not between 1970 and 2100 in the form of the file's first rows: "
    "seconds, milliseconds or microseconds since 1970, or ISO 8601",
    "rating_out_of_range": "the rating is outside the scale, 0.5 to 5 without --scale",
    "not_half_star": "the rating is not a multiple of 0.5",
    "unknown_movie": "the rated, linked or tagged movie is not among the accepted movies",
    "missing_title": "the movie has no title",
    "title_too_long": f"the title is longer than {TITLE_LENGTH} characters",
    "genre_too_long": f"a genre is longer than {GENRE_LENGTH} characters",
    "duplicate_movie": "another row has the same movie id and a title that sorts first",
    "id_collision": "another text id has the same number, so neither gets it",
    "missing_tag": "the tag is empty",
    "tag_too_long": f"the tag is longer than {TAG_LENGTH} characters",
    "bad_link": f"an id at IMDb or TMDB is not a whole number of at most {LINK_LENGTH} digits",
    "duplicate_link": "the movie has another row of links whose ids sort first",
}
"""Code -> meaning. What makes a row unreadable comes first, then this order."""

YEAR_2100 = 4_102_444_800
SAMPLED = 1_000
"""Rejected rows that a run keeps of each reason."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

RejectedRow = tuple[str, Reason, str]
"""(file, reason, raw text) of a rejected row."""


@dataclass(frozen=True)
class RowCounts:
    """Rows of one kind: how many were accepted, superseded by a later rating, and rejected.

    `rejected` is by reason.
    """

    accepted: int
    rejected: dict[Reason, int]
    superseded: int = 0

    @classmethod
    def of(cls, accepted: int, rejected: "Rejected", superseded: int = 0) -> "RowCounts":
        """The counts, with the reasons in alphabetical order."""
        return cls(accepted, dict(sorted(rejected.counts.items())), superseded)

    @property
    def read(self) -> int:
        """The number of all rows, accepted or not."""
        return self.accepted + self.superseded + sum(self.rejected.values())


@dataclass
class Rejected:
    """Counts by reason, and the first rows of each reason, ordered by (file, raw text).

    That order does not depend on which machine reads what.
    """

    counts: Counter[Reason] = field(default_factory=Counter)
    sample: dict[Reason, list[tuple[str, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[RejectedRow]) -> "Rejected":
        """Count rejected rows."""
        rejected = cls()
        rejected.add(rows)
        return rejected

    def add(self, rows: Iterable[RejectedRow]) -> None:
        """Add rows to the counts."""
        found: dict[Reason, list[tuple[str, str]]] = {}
        for file, reason, raw in rows:
            found.setdefault(reason, []).append((file, raw[:RAW_LENGTH]))
        for reason, of_reason in found.items():
            self.counts[reason] += len(of_reason)
            self._keep(reason, sorted(of_reason))

    def merge(self, other: "Rejected") -> None:
        """Add the counts of another."""
        self.counts += other.counts
        for reason, rows in other.sample.items():
            self._keep(reason, rows)

    def _keep(self, reason: Reason, rows: list[tuple[str, str]]) -> None:
        self.sample[reason] = list(islice(merge(self.sample.get(reason, []), rows), SAMPLED))


def readable(line: bytes, file_format: FileFormat) -> str | None:
    """The row as text; None if no encoding of the format fits or it has control characters.

    Line breaks and tabs in quotes are ordinary text.
    """
    for encoding in file_format.encodings:
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            continue
        controls = set(CONTROL.findall(text)) - {file_format.separator}
        if controls and file_format.may_span_lines and '"' in text:
            controls -= set("\r\n\t")
        return None if controls else text
    return None


def as_text(line: bytes) -> str:
    """The line as readable text, with undecodable bytes escaped."""
    text = line.decode(errors="backslashreplace").replace(LIST_SEPARATOR, "|")
    return CONTROL.sub(lambda sign: sign[0] if sign[0] == "\t" else f"\\x{ord(sign[0]):02x}", text)
