"""The format of exported decisions: one JSON document that people can read and compare.

Decisions are in the order of their movie ids, and nothing in the file says when or where it was
written: the same decisions give the same bytes. No database here: see `backup.py`.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.models.curation import LONGEST_PUBLIC_NOTE
from app.models.fields import LARGEST

FORMAT, VERSION = "recsys-curation", 2
SINCE_2 = {"public_note": ""}
"""Fields that files of version 1 lack, with their defaults."""


class CurationError(Exception):
    """Why nothing was imported: every problem that was found, one per line."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Decision:
    """A decision about one movie; its fields are those of the file, in the same order."""

    movie_id: int
    title: str
    hidden: bool
    pinned_position: int | None
    note: str
    public_note: str
    until: datetime | None
    decided_by: str | None
    decided_at: datetime


@dataclass(frozen=True)
class Document:
    """The decisions that could be read from a file, and the problems with the rest."""

    decisions: list[Decision]
    problems: list[str]
    places: dict[int, str] = field(default_factory=dict)
    """Movie id -> its line, for a file that has lines."""

    def name(self, movie_id: int) -> str:
        """How problems refer to a decision."""
        place = self.places.get(movie_id)
        return f"{place}, movie {movie_id}" if place else f"movie {movie_id}"


def dump(decisions: list[Decision]) -> str:
    """The document, with a newline at its end."""
    entries = [asdict(decision) for decision in sorted(decisions, key=lambda d: d.movie_id)]
    document = {"format": FORMAT, "version": VERSION, "decisions": entries}
    return json.dumps(document, indent=2, ensure_ascii=False, default=timestamp) + "\n"


def timestamp(moment: datetime) -> str:
    """A time as the file has it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def load(content: bytes) -> Document:
    """The decisions of a file. Raises CurationError where it is not an export at all."""
    return read_decisions(("", entry) for entry in _entries(_parse(content)))


def read_decisions(entries: Iterable[tuple[str, Any]]) -> Document:
    """The decisions of these entries, each with its place in the file or an empty string."""
    found = Document([], [])
    known: set[int] = set()
    for number, (place, entry) in enumerate(entries, start=1):
        values, complaints = _read(entry)
        movie_id = values.get("movie_id")
        if movie_id in known:
            complaints.append("is in the file twice")
        name = place or (f"decision {number}" if movie_id is None else f"movie {movie_id}")
        found.problems.extend(f"{name}: {complaint}" for complaint in complaints)
        if not complaints:
            found.decisions.append(Decision(**values))
            known.add(values["movie_id"])
            if place:
                found.places[values["movie_id"]] = place
    return found


def _parse(content: bytes) -> Any:
    try:
        # Editors on Windows put a byte order mark in front.
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise CurationError(f"this is not JSON in UTF-8: {error}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # json silently takes the last of two equal names, which a manual merge may leave.
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        whose = f"movie {found['movie_id']}: " if "movie_id" in found else ""
        raise ValueError(f"{whose}{', '.join(twice)} is given twice")
    return found


def _entries(document: Any) -> list[Any]:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CurationError(f'this is not an export of curation: it lacks "format": "{FORMAT}"')
    version = document.get("version")
    if isinstance(version, bool) or version not in (1, VERSION):
        raise CurationError(f"version {version!r} is unknown here: this site reads 1 and {VERSION}")
    unknown = sorted(set(document) - {"format", "version", "decisions"})
    if unknown:
        raise CurationError(f"unknown fields of the document: {', '.join(unknown)}")
    entries = document.get("decisions")
    if not isinstance(entries, list):
        raise CurationError("decisions: must be a list")
    return entries if version == VERSION else [_as_of_today(entry) for entry in entries]


def _as_of_today(entry: Any) -> Any:
    return SINCE_2 | entry if isinstance(entry, dict) else entry


def _read(entry: Any) -> tuple[dict[str, Any], list[str]]:
    """The values that could be read, and complaints about the others."""
    if not isinstance(entry, dict):
        return {}, ["must be an object"]
    values: dict[str, Any] = {}
    complaints = [f"{name}: unknown field" for name in sorted(set(entry) - set(READERS))]
    for name, read in READERS.items():
        try:
            values[name] = read(entry[name])
        except KeyError:
            complaints.append(f"{name}: missing")
        except ValueError as error:
            complaints.append(f"{name}: {error}")
    if values.get("hidden") and values.get("pinned_position"):
        complaints.append("is both hidden and pinned")
    return values, complaints


def _positive(value: Any) -> int:
    # bool is an int to Python.
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST:
        raise ValueError(f"must be a whole number from 1 to {LARGEST}")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("holds half of a surrogate pair, which no database takes") from None
    return value


def _short_text(value: Any) -> str:
    if len(_text(value)) > LONGEST_PUBLIC_NOTE:
        raise ValueError(f"must have at most {LONGEST_PUBLIC_NOTE} characters")
    return str(value)


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo:
            return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError("must be a time with its zone, as in 2026-12-31T23:59:59Z")


def _or_null(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


READERS: dict[str, Callable[[Any], Any]] = {
    "movie_id": _positive,
    "title": _text,
    "hidden": _boolean,
    "pinned_position": _or_null(_positive),
    "note": _text,
    "public_note": _short_text,
    "until": _or_null(_moment),
    "decided_by": _or_null(_text),
    "decided_at": _moment,
}
