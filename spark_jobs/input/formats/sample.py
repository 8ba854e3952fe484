"""What only the first rows of a file show: times, kinds of ids, escapes, encoding, line breaks."""

from dataclasses import replace
from typing import NamedTuple

from spark_jobs.input.formats import ids, times
from spark_jobs.input.formats.file_format import FileFormat
from spark_jobs.input.formats.input_options import InputOptions

SAMPLE_ROWS = 2_000
FEW, MOST = 0.01, 0.9
"""If less than FEW of the ids are text, ids are numbers and the text ones are errors."""


class Head(NamedTuple):
    """The beginning of a file: its text, and whether there is more."""

    text: bytes
    is_cut: bool = False


def by_sample(kind: str, file_format: FileFormat, head: Head, options: InputOptions) -> FileFormat:
    """The format with everything that the rows of `head` show."""
    body = head.text if not file_format.has_header else head.text.partition(b"\n")[2]
    if head.is_cut:
        body = body[: body.rfind(b"\n") + 1]
    file_format = replace(
        file_format,
        escape="\\" if file_format.name in ("csv", "plain") and b'\\"' in body else "",
        encodings=_encodings(file_format, body),
        scale=options.scale,
        zero_is_missing=options.zero_is_missing,
    )
    rows = _sample(kind, file_format, body)
    places = file_format.places_of(kind)
    values = {role: [row[place] for row in rows] for role, place in places.items()}
    text = {
        role: _are_text(file_format, values.get(role, []), options) for role in ("user", "movie")
    }
    file_format = replace(
        file_format,
        text_users=text["user"],
        text_movies=text["movie"],
        times=times.detect(values.get("time", [])) if "time" in places else times.NO_TIMES,
    )
    return replace(
        file_format,
        is_numeric=_is_numeric(file_format, body, values),
        may_span_lines=file_format.is_quoted and _may_span_lines(kind, file_format, body),
    )


def _is_numeric(file_format: FileFormat, body: bytes, values: dict[str, list[str]]) -> bool:
    if file_format.text_users or file_format.text_movies or file_format.times == times.ISO:
        return False
    numbers = b"0123456789.\r" + file_format.separator.encode()
    lines = body.split(b"\n", SAMPLE_ROWS)[:SAMPLE_ROWS]
    bare = sum(not line.translate(None, numbers) for line in lines)
    whole = (value for role in ("user", "movie", "time") for value in values.get(role, []))
    dotted = sum("." in value for value in whole)
    return bare >= MOST * len(lines) and dotted <= FEW * len(lines)


def _encodings(file_format: FileFormat, body: bytes) -> tuple[str, ...]:
    """If a text begins as UTF-8, and not only ASCII, it is UTF-8 to the end."""
    if len(file_format.encodings) == 1 or file_format.name in ("dat", "bars") or body.isascii():
        return file_format.encodings
    try:
        body.decode()
    except UnicodeDecodeError:
        return file_format.encodings
    return ("utf-8",)


def _sample(kind: str, file_format: FileFormat, body: bytes) -> list[list[str]]:
    lines = body.split(b"\n", SAMPLE_ROWS)[:SAMPLE_ROWS]
    split = (file_format.fields(line.rstrip(b"\r").decode("latin-1")) for line in lines)
    return [fields for fields in split if fields and len(fields) == file_format.width(kind)]


def _are_text(file_format: FileFormat, values: list[str], options: InputOptions) -> bool:
    if options.ids:
        return options.ids == "text"
    given = [value.strip() for value in values]
    given = [value for value in given if value.lower() not in ("", "null", "nan", "na", "none")]
    text = sum(not ids.is_number(value) for value in given)
    return not file_format.is_movielens and text > FEW * len(given)


def _may_span_lines(kind: str, file_format: FileFormat, body: bytes) -> bool:
    """Whether a quoted field may contain a line break: quotes, and a column that is not numeric."""
    if kind == "movies" or file_format.name == "parquet":
        return True
    has_text = (
        file_format.text_users
        or file_format.text_movies
        or file_format.width(kind) > len(file_format.places)
    )
    return b'"' in body and bool(file_format.places) and has_text
