"""Find MovieLens' links.csv and tags.csv, both optional. Files of other forms are not read."""

import re
from collections.abc import Mapping
from dataclasses import replace

from pyarrow import fs

from spark_jobs.input.files.file_systems import open_file, reading, version_of
from spark_jobs.input.files.input_files import InputFile
from spark_jobs.input.formats.detect import read_head
from spark_jobs.input.formats.file_format import LATIN_1, FileFormat
from spark_jobs.input.formats.recognise import first_line

NAMES = {"links": r"links\.csv(?:\.gz)?", "tags": r"tags\.(?:csv|dat)(?:\.gz)?"}
COLUMNS = {"links": ("movieId", "imdbId", "tmdbId"), "tags": ("userId", "movieId", "tag")}
"""Kind -> the columns required in its header; others, such as `timestamp`, are not read."""
DAT_COLUMNS = ("userId", "movieId", "tag", "timestamp")


def find_details(
    folder: str, found: Mapping[str, fs.FileInfo], *, text_ids: bool
) -> tuple[dict[str, tuple[InputFile, ...]], tuple[str, ...]]:
    """(the file of each kind, if any; why other files with such names are not read)."""
    files: dict[str, tuple[InputFile, ...]] = dict.fromkeys(NAMES, ())
    unread = []
    for kind, name in _names(found):
        address = f"{folder.rstrip('/')}/{name}"
        with reading(address), open_file(address) as stream:
            head, gzipped = read_head(stream)
        file_format = _format(kind, head.text)
        if text_ids:
            unread.append(f"{address} is not read: the movies have text ids")
        elif files[kind]:
            unread.append(f"{address} is not read: {files[kind][0].name} is")
        elif file_format is None:
            names = ",".join(COLUMNS[kind])
            unread.append(f"{address} is not read: its first line must name the columns {names}")
        else:
            size, version = found[name].size, version_of(address)
            files[kind] = (InputFile(address, name, size, version, file_format, gzipped),)
    return files, tuple(unread)


def _names(found: Mapping[str, fs.FileInfo]) -> list[tuple[str, str]]:
    """(kind, name), sorted by name within a kind."""
    return [
        (kind, name)
        for kind, pattern in NAMES.items()
        for name in sorted(found)
        if re.fullmatch(pattern, name)
    ]


def _format(kind: str, head: bytes) -> FileFormat | None:
    line = first_line(head).decode(errors="replace")
    if kind == "tags" and re.match(r"\d+::\d+::", line):  # ml-10m
        return _named(FileFormat("dat", "::", encodings=LATIN_1), kind, DAT_COLUMNS)
    csv = FileFormat("csv", has_header=True, may_span_lines=True)
    names = tuple(name.strip() for name in csv.fields(line) or ())
    return _named(csv, kind, names) if {*COLUMNS[kind]} <= {*names} else None


def _named(file_format: FileFormat, kind: str, names: tuple[str, ...]) -> FileFormat:
    places = tuple((name, names.index(name)) for name in COLUMNS[kind])
    return replace(file_format, columns=names, places=places, is_numeric=False)
