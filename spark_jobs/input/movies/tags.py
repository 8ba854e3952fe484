"""The users' tags on the movies: tags.csv, or ml-10m's tags.dat.

The driver reads it, 4 MB of text at a time, and keeps each (movie, tag, user) once: 25 MB for the
1.1 million of ml-25m, and 0.2 GB while they are counted. Plain rows are parsed as columns, the
others one by one.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from spark_jobs.contract import TAG_LENGTH
from spark_jobs.input.files.input_files import InputFile
from spark_jobs.input.formats.file_format import FileFormat
from spark_jobs.input.movies.detail_rows import Fields, Known, blocks, id_of, parse_rows
from spark_jobs.input.rejection import Reason, Rejected, RejectedRow, RowCounts

STRONGEST = 8
SCHEMA = pa.schema([("movie", pa.int32()), ("tag", pa.string()), ("user", pa.int32())])
KEY = ["movie", "tag"]
NUMBERS = ("movieId", "userId")
NUMBER = "^[0-9]{1,9}$"
PLAIN_TAG = f"^[!-~](?: ?[!-~]){{0,{TAG_LENGTH // 2 - 1}}}$"
"""ASCII letters and punctuation with single blanks between words, never too long."""


class Tag(NamedTuple):
    """A tag by a user, in lower case and without extra blanks."""

    movie_id: int
    tag: str
    user: int


def read_tags(
    files: Iterable[InputFile], known: Known
) -> tuple[dict[int, list[str]], RowCounts, Rejected]:
    """Movie id -> its strongest tags, and the counts of all rows."""
    distinct, waiting = SCHEMA.empty_table(), [SCHEMA.empty_table()]
    accepted, rejected = 0, Rejected()
    for tags, others in _parsed(files, known):
        rejected.add(others)
        accepted += len(tags)
        waiting.append(tags)
        if sum(map(len, waiting)) > len(distinct):
            distinct, waiting = _distinct([distinct, *waiting]), []
    strongest = _strongest(_distinct([distinct, *waiting]))
    return strongest, RowCounts.of(accepted, rejected), rejected


def rejected_tags(files: Iterable[InputFile], known: Known) -> Iterator[RejectedRow]:
    """All rejected tags; reads the file again."""
    for _, rejected in _parsed(files, known):
        yield from rejected


def parse(known: Known, fields: Fields) -> Tag | Reason:
    """Parse a tag, or return the reason to reject it."""
    movie_id, user = id_of(fields["movieId"]), id_of(fields["userId"])
    tag = " ".join(fields["tag"].casefold().split())
    if movie_id is None or user is None:
        return "bad_id"
    if movie_id not in known:
        return "unknown_movie"
    if not tag:
        return "missing_tag"
    if len(tag) > TAG_LENGTH:
        return "tag_too_long"
    return Tag(movie_id, tag, user)


def _parsed(
    files: Iterable[InputFile], known: Known
) -> Iterator[tuple[pa.Table, list[RejectedRow]]]:
    ids = pa.array(known, pa.int64())
    for file, block, rows in blocks(files):
        plain, others = _plain(block, rows, file.format, ids)
        parsed, rejected = parse_rows(others, file, partial(parse, known))
        columns = zip(*(tag for tag, _ in parsed), strict=True) if parsed else ([], [], [])
        table = pa.table(dict(zip(SCHEMA.names, columns, strict=True)), SCHEMA)
        yield pa.concat_tables([plain, table]), rejected


def _plain(
    block: bytes, rows: list[bytes], file_format: FileFormat, ids: pa.Array
) -> tuple[pa.Table, list[bytes]]:
    """The tags that are certainly valid, and the rows that need a closer look."""
    found = _columns(block, file_format)
    if found is None or len(found) != len(rows):
        return SCHEMA.empty_table(), rows
    is_numeric = pc.and_(*(pc.match_substring_regex(found[name], NUMBER) for name in NUMBERS))
    numbers = [pc.cast(pc.if_else(is_numeric, found[name], "0"), pa.int64()) for name in NUMBERS]
    tag = pc.ascii_trim_whitespace(pc.ascii_lower(found["tag"]))
    is_plain = pc.and_(pc.is_in(numbers[0], ids), pc.match_substring_regex(tag, PLAIN_TAG))
    is_plain = pc.and_(is_plain, pc.greater(numbers[1], 0))
    others = np.flatnonzero(~is_plain.to_numpy())
    plain = pa.table([numbers[0], tag, numbers[1]], SCHEMA.names).filter(is_plain)
    return plain.cast(SCHEMA), [rows[i] for i in others]


def _columns(block: bytes, file_format: FileFormat) -> pa.Table | None:
    """The block as columns of text; None if it is not plain CSV."""
    if len(file_format.separator) > 1:
        return None
    try:
        return pa_csv.read_csv(
            pa.py_buffer(block),
            pa_csv.ReadOptions(column_names=file_format.columns, block_size=2 * len(block)),
            pa_csv.ParseOptions(delimiter=file_format.separator, newlines_in_values=True),
            pa_csv.ConvertOptions(column_types=dict.fromkeys(file_format.columns, pa.string())),
        )
    except pa.ArrowInvalid:
        return None


def _distinct(tables: list[pa.Table]) -> pa.Table:
    together = pa.concat_tables(tables)
    return together.group_by(SCHEMA.names).aggregate([]).select(SCHEMA.names)


def _strongest(distinct: pa.Table) -> dict[int, list[str]]:
    """The strongest tags: by number of users, then alphabetically."""
    order = [("movie", "ascending"), ("user_count", "descending"), ("tag", "ascending")]
    counts = distinct.group_by(KEY).aggregate([("user", "count")]).sort_by(order)
    rows = zip(*(counts[name].to_pylist() for name in KEY), strict=True)
    return {
        movie_id: [tag for _, tag in islice(of_movie, STRONGEST)]
        for movie_id, of_movie in groupby(rows, itemgetter(0))
    }
