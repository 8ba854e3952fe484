"""Advice for rejected rows: how rows should look, and what would help."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from spark_jobs.input.files.input_files import InputFile
from spark_jobs.input.formats.columns import MOVIELENS
from spark_jobs.input.formats.file_format import FileFormat
from spark_jobs.input.formats.times import NO_TIMES
from spark_jobs.input.rejection import Reason, Rejected

EXAMPLES = {
    "user": "1",
    "movie": "318",
    "rating": "4.5",
    "title": "Heat (1995)",
    "genres": "Crime|Thriller",
    "year": "1995",
}
EXAMPLES_OF_TIMES = {
    "seconds": "1260759144",
    "milliseconds": "1260759144000",
    "microseconds": "1260759144000000",
    "iso": "2009-12-14 02:52:24",
    NO_TIMES: "",
}
ROWS_LOOKED_AT = 200
NAME_THE_SCALE = "give their scale with --scale (the default is 0.5-5)"


class _Rows(NamedTuple):
    """Some rejected rows of one format: the values of complete ones, and the raw text."""

    format: FileFormat
    values: list[dict[str, str]]
    raws: list[str]


def expected(kind: str, file_format: FileFormat) -> str:
    """The columns of a row and an example, such as `userId,movieId,rating,timestamp`."""
    places = file_format.places_of(kind)
    names = file_format.columns or MOVIELENS[kind]
    roles = {place: role for role, place in places.items()}
    values = [_example(roles[i], file_format) if i in roles else "..." for i in range(len(names))]
    separator = file_format.separator
    return f"rows of {separator.join(names)}, such as {separator.join(values)}"


def advice(kind: str, files: Iterable[InputFile], rejected: Rejected) -> str:
    """What is expected, and the remedy for the most common reason."""
    files = list(files)
    if not rejected.counts:
        return f"expected {expected(kind, files[0].format)}"
    reason = rejected.counts.most_common(1)[0][0]
    file_format, remedy = _remedy(kind, files, rejected, reason)
    return f"expected {expected(kind, file_format)}" + (f"; {remedy}" if remedy else "")


def out_of_range_advice(files: Iterable[InputFile], rejected: Rejected) -> str:
    """The remedy for ratings outside the scale."""
    return _remedy("ratings", files, rejected, "rating_out_of_range")[1] or NAME_THE_SCALE


def _remedy(
    kind: str, files: Iterable[InputFile], rejected: Rejected, reason: Reason
) -> tuple[FileFormat, str]:
    """The format of the first file with such rows, and the remedy."""
    formats = {file.name: file.format for file in files}
    sample = rejected.sample[reason][:ROWS_LOOKED_AT]
    file_format = formats[sample[0][0]]
    raws = [raw for _, raw in sample]
    rows = _Rows(file_format, list(_values(kind, file_format, raws)), raws)
    remedy = REMEDIES.get(reason, "")
    return file_format, remedy if isinstance(remedy, str) else remedy(rows)


def _example(role: str, file_format: FileFormat) -> str:
    if role == "time":
        return EXAMPLES_OF_TIMES[file_format.times]
    if (role == "user" and file_format.text_users) or (role == "movie" and file_format.text_movies):
        return "034545104X"
    if role == "rating" and file_format.scale.rounded:
        return f"{file_format.scale.high:g}"
    return EXAMPLES[role]


def _values(kind: str, file_format: FileFormat, rows: Iterable[str]) -> Iterator[dict[str, str]]:
    places = file_format.places_of(kind).items()
    for fields in map(file_format.fields, rows):
        if fields and len(fields) == file_format.width(kind):
            yield {role: fields[place] for role, place in places}


def _malformed(rows: _Rows) -> str:
    ratings = [row.get("rating", "") for row in rows.values]
    if any(re.fullmatch(r"[0-9]+,[0-9]+", rating) for rating in ratings):
        return "write ratings with a decimal point: 4.5, not 4,5"
    if any("rating" in row and not row["rating"].strip() for row in rows.values):
        return "remove rows without a rating"
    if ratings:
        return f"{ratings[0]!r} is not a number: name another column with --columns rating=NAME"
    separator = rows.format.separator
    if separator == "," and any(re.search(r"[0-9],[05](,|$)", raw) for raw in rows.raws):
        return "if numbers are written with a comma, 4,5, write 4.5 or put the numbers in quotes"
    widths = sorted({raw.count(separator) + 1 for raw in rows.raws})
    return f"the rejected rows have {', '.join(map(str, widths[:5]))} fields"


def _bad_timestamp(rows: _Rows) -> str:
    has_time = rows.values and "time" in rows.values[0]
    shown = f"{rows.values[0]['time']!r} is not a known time; " if has_time else ""
    return (
        f"{shown}use seconds, milliseconds or microseconds since 1970, or dates like "
        "2009-12-14 and 2009-12-14T02:52:24Z; --columns time=none leaves them out"
    )


def _out_of_range(rows: _Rows) -> str:
    ratings = [row["rating"] for row in rows.values]
    numbers = [float(rating) for rating in ratings if re.fullmatch(r"-?[0-9.]+", rating)]
    remedies = []
    if 0.0 in numbers:
        remedies.append("if 0 means 'not rated', --zero missing leaves it out")
    largest = max(numbers, default=0.0)
    if largest > rows.format.scale.high:
        top = next((top for top in (5, 10, 20, 100) if largest <= top), f"{largest:g}")
        low = 0 if top == 100 else 1
        remedies.append(f"if ratings go up to {top}, use --scale {low}-{top}")
    return "; ".join(remedies)


REMEDIES: dict[Reason, str | Callable[[_Rows], str]] = {
    "malformed": _malformed,
    "bad_id": "if ids are text, --ids text assigns numbers to them",
    "bad_timestamp": _bad_timestamp,
    "rating_out_of_range": _out_of_range,
    "not_half_star": "--scale 0.5-5 (or another scale) rounds ratings to half-stars",
    "unknown_movie": "the ratings refer to movies that are not in the movies file: are both from "
    "the same data set?",
    "bad_text": "save the file as UTF-8 without control characters; convert Western European "
    "text with iconv -f WINDOWS-1252 -t UTF-8",
}
"""Reason -> the remedy, or a function that finds it from the rejected rows."""
