"""Input files as blocks of whole lines: byte ranges of plain text, readable by any machine.

A `.gz` file cannot be split, and nor can text with quoted line breaks, where the meaning of a
line end depends on the quotes before it. A Parquet row group is converted to CSV text, so that
the same rules apply to every row, whatever file it came from.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from spark_jobs.input.files.input_files import InputFile
from spark_jobs.input.formats import parquet
from spark_jobs.input.formats.file_format import BYTE_ORDER_MARK
from spark_jobs.input.formats.records import whole_records

SPLIT_BYTES = 32 * 1024**2
BLOCK_BYTES = 4 * 1024**2
SEARCH_BYTES = 64 * 1024


@dataclass(frozen=True)
class Split:
    """Part of a file of `kind`: the lines that begin in bytes [start, stop), or row groups."""

    kind: str
    file: InputFile
    start: int
    stop: int


def plan_splits(
    kind: str, files: Iterable[InputFile], split_bytes: int = SPLIT_BYTES
) -> list[Split]:
    """The splits of all files of `kind`, by file name."""
    return [split for file in files for split in _plan(kind, file, split_bytes)]


def read_blocks(split: Split) -> Iterator[bytes]:
    """Read the lines of a split, some megabytes at a time; each block ends with a line end."""
    with split.file.open() as stream:
        if split.file.format.name == "parquet":
            groups = range(split.start, split.stop)
            yield from parquet.blocks(stream, groups, split.file.format.columns)
        else:
            yield from _text(stream, split)


def ends_within_a_line(file: InputFile) -> bool:
    """Whether the last line has no line end, so that it may be cut short."""
    if file.gzipped or file.format.name == "parquet":
        return False
    with file.open() as stream:
        stream.seek(max(file.size - 1, 0))
        return bool(stream.read(1) != b"\n")


def _plan(kind: str, file: InputFile, split_bytes: int) -> list[Split]:
    if file.format.name == "parquet":
        with file.open() as stream:
            groups = parquet.row_groups(stream)
        return [Split(kind, file, group, group + 1) for group in range(groups)]
    if file.gzipped or file.format.may_span_lines:
        return [Split(kind, file, 0, file.size)]
    starts = range(0, file.size, split_bytes)
    return [Split(kind, file, start, min(start + split_bytes, file.size)) for start in starts]


def _text(stream: pa.NativeFile, split: Split) -> Iterator[bytes]:
    if split.file.gzipped:
        lines = _whole_lines(_pieces(pa.CompressedInputStream(stream, "gzip")))
    else:
        begin = _line_start(stream, split.start, split.file.size)
        end = _line_start(stream, split.stop, split.file.size)
        lines = _whole_lines(_pieces_between(stream, begin, end))
    if split.file.format.may_span_lines:
        lines = whole_records(lines, split.file.format)
    return _without_header(lines, split) if split.start == 0 else lines


def _line_start(stream: pa.NativeFile, position: int, size: int) -> int:
    """Start of the first line that begins at or after `position`."""
    if position == 0:
        return 0
    stream.seek(position - 1)
    for searched in range(position - 1, size, SEARCH_BYTES):
        found = stream.read(SEARCH_BYTES).find(b"\n")
        if found >= 0:
            return int(searched + found + 1)
    return size


def _pieces_between(stream: pa.NativeFile, begin: int, end: int) -> Iterator[bytes]:
    stream.seek(begin)
    for position in range(begin, end, BLOCK_BYTES):
        yield stream.read(min(BLOCK_BYTES, end - position))


def _pieces(stream: pa.NativeFile) -> Iterator[bytes]:
    while piece := stream.read(BLOCK_BYTES):
        yield piece


def _whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest: list[bytes] = []
    for piece in pieces:
        cut = piece.rfind(b"\n") + 1
        if cut:
            yield b"".join([*rest, memoryview(piece)[:cut]])
            rest = []
        rest.append(piece[cut:])
    if last := b"".join(rest):
        yield last + b"\n"


def _without_header(lines: Iterator[bytes], split: Split) -> Iterator[bytes]:
    first = next(lines, b"").removeprefix(BYTE_ORDER_MARK)
    if split.file.format.has_header:
        first = first.partition(b"\n")[2]
    if first:
        yield first
    yield from lines
