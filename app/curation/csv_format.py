"""The decisions of `backup_format` as CSV, for spreadsheets.

A cell is empty where the document has null. Times without a zone are UTC; a date alone means the
end of that day. `decided_by` and `decided_at` may be left empty, which means the user who imports
the file, now. No database here.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, time
from typing import Any

from app.curation import spreadsheet
from app.curation.backup_format import CurationError, Decision, Document, read_decisions, timestamp

COLUMNS = tuple(field.name for field in fields(Decision))
MAY_BE_LEFT_OUT = {"public_note", "decided_by", "decided_at"}
SEPARATORS = (",", ";", "\t")
"""What spreadsheets put between cells, depending on the country."""
WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}
END_OF_DAY = time(23, 59, 59)


def dump(decisions: list[Decision]) -> str:
    """The file, with the byte order mark by which spreadsheets recognize UTF-8."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for decision in sorted(decisions, key=lambda one: one.movie_id):
        writer.writerow([_cell(value) for value in asdict(decision).values()])
    return "\ufeff" + file.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return timestamp(value)
    return spreadsheet.defuse(value)


def load(content: bytes, *, user: str, now: datetime) -> Document:
    """The decisions of a file. Raises CurationError where it is not an export at all."""
    lines = _lines(_decoded(content))
    header = next(lines, (1, []))[1]
    names = [name.strip().lower() for name in header]
    _check_header(names)
    signature = {"decided_by": user, "decided_at": timestamp(now)}
    rows, problems = [], []
    for line, cells in lines:
        if len(cells) == len(names):
            rows.append((f"line {line}", _entry(names, cells, signature)))
        else:
            problems.append(f"line {line}: has {len(cells)} cells, the first has {len(names)}")
    found = read_decisions(rows)
    return replace(found, problems=problems + found.problems)


def _decoded(content: bytes) -> str:
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # "Unicode text" of a spreadsheet
    try:
        return content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise CurationError(
            "this is not text in UTF-8: save it as “CSV UTF-8” in the spreadsheet"
        ) from error


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the first line, cells) for each row that is not empty."""
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise CurationError(f"line {line}: {error}") from error


def _check_header(names: list[str]) -> None:
    """Raises CurationError."""
    missing = [name for name in COLUMNS if name not in names and name not in MAY_BE_LEFT_OUT]
    twice = sorted({name for name in names if names.count(name) > 1})
    unknown = [name for name in names if name not in COLUMNS]
    complaints = {"columns are missing": missing, "twice": twice, "unknown columns": unknown}
    found = [f"{what}: {', '.join(which)}" for what, which in complaints.items() if which]
    if found:
        raise CurationError(*(f"line 1: {one}" for one in found))


def _entry(names: list[str], cells: list[str], signature: dict[str, str]) -> dict[str, Any]:
    """A row as an entry of the document; what cannot be read is left for that to refuse."""
    given = dict(zip(names, cells, strict=True))
    entry = {name: READERS.get(name, spreadsheet.restore)(text) for name, text in given.items()}
    entry.setdefault("public_note", "")
    if not given.get("decided_at", "").strip():
        entry |= signature
    return entry


def _number(text: str) -> int | str | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text or None


def _truth(text: str) -> bool | str:
    return WORDS.get(text.strip().lower(), text)


def _moment(text: str) -> str | None:
    text = text.strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text or None
    if len(text) == len("2026-12-31"):
        found = datetime.combine(found, END_OF_DAY)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def _name(text: str) -> str | None:
    return spreadsheet.restore(text) or None


READERS = {
    "movie_id": _number,
    "hidden": _truth,
    "pinned_position": _number,
    "until": _moment,
    "decided_by": _name,
    "decided_at": _moment,
}
"""Column -> how its cells are read; all others are text."""
