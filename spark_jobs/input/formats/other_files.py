"""What people take for movies or ratings but what is none: told by its first bytes.

Each is answered by what it is and what would help.
"""

import re

from spark_jobs.input.formats.columns import folded
from spark_jobs.input.formats.file_format import BYTE_ORDER_MARK
from spark_jobs.input.formats.recognise import first_line, header_of

UNPACK = "unpack it and name the folder that holds the .csv files"
TO_CSV = "save it as CSV in UTF-8"
GZIP = "only gzip is read packed: unpack it, or pack it again with gzip"
SIGNATURES = {
    b"Rar!": f"a RAR archive: {UNPACK}",
    b"7z\xbc\xaf\x27\x1c": f"a 7-Zip archive: {UNPACK}",
    b"BZh": f"packed by bzip2: {GZIP}",
    b"\xfd7zXZ\x00": f"packed by xz: {GZIP}",
    b"\x28\xb5\x2f\xfd": f"packed by zstd: {GZIP}",
    b"\xd0\xcf\x11\xe0": f"an old Excel workbook (.xls): {TO_CSV}",
    b"%PDF": f"a PDF: {TO_CSV}",
    b"SQLite format 3\x00": "an SQLite database: export its tables as CSV",
    b"ORC": "an ORC file: write it as Parquet or CSV",
    b"Obj\x01": "an Avro file: write it as Parquet or CSV",
    b"ARROW1": "a Feather/Arrow file: write it as Parquet or CSV",
    b"\x89HDF": "an HDF5 file: write it as Parquet or CSV",
    b"\x80\x04": "a Python pickle: write it as Parquet or CSV",
    b"\x80\x05": "a Python pickle: write it as Parquet or CSV",
}
SOME = 0.05
ZIP = b"PK\x03\x04"
UTF_16 = "text in UTF-16: write it as UTF-8, e.g. with iconv -f UTF-16 -t UTF-8"
OF_ONE_PERSON = (
    "the ratings of one person. A ranking needs those of many: rank a data set such as MovieLens' "
    "ml-latest, or put the exports of many people into one table with a column that says who"
)
EXPORTS = {
    "Letterboxd's": {"letterboxduri"},
    "IMDb's": {"const", "yourrating"},
    "movielens.org's": {"movieid", "imdbid", "tmdbid", "averagerating"},
    "Goodreads'": {"bookid", "myrating"},
}
"""Whose export -> folded names of columns that only it has."""
METADATA = {"adult", "belongstocollection", "budget"}
SEVERAL_RATINGS = re.compile(rb"\d+:\s*\n\d+,[1-5],\d{4}-\d\d-\d\d")
NETFLIX_TITLES = re.compile(rb"\d+,(?:\d{4}|NULL),[^,\n]")
TO_ROWS = """awk -F, '/:$/ {m = substr($0, 1, length($0) - 1); next} {print $1","m","$2","$3}'"""


def describe(name: str, head: bytes) -> str | None:
    """What a file is that begins so, and what to do; None for what may be a table."""
    return _packed(name, head) or _text(head) or _known_header(head)


def other_encoding(head: bytes) -> str | None:
    """What is said of text that is neither UTF-8 nor Western European; None for either.

    Letters beyond ASCII come alone in Western European text, and in runs in others. In GBK
    they are pairs, of which the commonest characters begin with B0 to D7.
    """
    lines = head.split(b"\n")[:-1] or [head]
    odd = [line for line in lines if not _is_utf_8(line)]
    if len(odd) < SOME * len(lines):  # dirt, which is rejected row by row
        return None
    runs = re.findall(rb"[\x80-\xff]+", b"\n".join(odd))
    long = [run for run in runs if len(run) > 1]
    if not runs or len(long) * 2 <= len(runs):
        return None
    pairs = [run[i : i + 2] for run in long for i in range(0, len(run) - 1, 2)]
    chinese = [pair for pair in pairs if 0xB0 <= pair[0] <= 0xD7 and pair[1] >= 0xA1]
    name = "GBK" if len(chinese) * 2 > len(pairs) else "ENCODING"
    told = "it looks like Chinese in GBK" if name == "GBK" else "nor in a Western encoding"
    return f"not in UTF-8, {told}: write it as UTF-8, e.g. with iconv -f {name} -t UTF-8"


def _packed(name: str, head: bytes) -> str | None:
    if head.startswith(ZIP):
        is_excel = name.lower().endswith((".xlsx", ".xlsm")) or b"xl/" in head or b"_rels" in head
        return f"an Excel workbook (.xlsx): {TO_CSV}" if is_excel else f"a zip archive: {UNPACK}"
    if head[257:262] == b"ustar":
        return f"a tar archive: {UNPACK}"
    signed = (told for start, told in SIGNATURES.items() if head.startswith(start))
    return next(signed, None)


def _text(head: bytes) -> str | None:
    start = head.removeprefix(BYTE_ORDER_MARK).lstrip()[:512]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or _alternates_with_nul(head):
        return UTF_16
    if re.match(rb"<(!doctype html|html)", start, re.IGNORECASE):
        return "a web page (HTML): what was to be downloaded asks for a login or has moved"
    if start.startswith((b"<?xml", b"<")):
        return f"XML: {TO_CSV}"
    if start.startswith((b"[", b"{")) and re.match(rb'[\[{]\s*["{\]}]', start):
        return _json(head)
    if start.lower().startswith(b"sep="):
        return "CSV with a first line for Excel alone: delete it, e.g. with tail -n +2"
    if b"\n" not in head and head.count(b"\r") > 1:
        return "text whose lines end with CR alone: write it with LF, e.g. with tr '\\r' '\\n'"
    return other_encoding(head)


def _json(head: bytes) -> str:
    if b'"rated_at"' in head:
        return f"Trakt's export, {OF_ONE_PERSON}"
    return "JSON: write it as CSV or Parquet, a row a rating"


def _known_header(head: bytes) -> str | None:
    plain = head.removeprefix(BYTE_ORDER_MARK)
    if SEVERAL_RATINGS.match(plain):
        return (
            "the Netflix Prize's form, a block of ratings for each movie: make rows of it with "
            f"{TO_ROWS} and number the columns, --columns user=1,movie=2,rating=3,time=4"
        )
    if NETFLIX_TITLES.match(plain):
        return (
            "the Netflix Prize's list of titles, without a header and with bare commas in titles: "
            'make rows of it with sed -E \'s/"/""/g; s/^([^,]*),([^,]*),(.*)$/\\1,\\2,"\\3"/\' '
            "and number the columns, --movie-columns movie=1,year=2,title=3"
        )
    names = {folded(name) for name in header_of(head)}
    for whose, columns in EXPORTS.items():
        if columns <= names and "userid" not in names:
            return f"{whose} export, {OF_ONE_PERSON}"
    if {"date", "name", "year"} <= names and len(names) <= 5 and first_line(plain)[:5] == b"Date,":
        return f"Letterboxd's export, {OF_ONE_PERSON}"
    if names >= METADATA:
        return (
            "Kaggle's movies_metadata.csv, whose ids are TMDB's: the ratings beside it name movies "
            "by MovieLens' ids. Take movies.csv of MovieLens' ml-latest, which has the same ids"
        )
    if {"tconst", "averagerating"} <= names:
        return "IMDb's table of mean ratings: a ranking needs each person's ratings"
    return None


def _alternates_with_nul(head: bytes) -> bool:
    start = head[:200]
    return len(start) > 3 and max(start[::2].count(0), start[1::2].count(0)) * 3 > len(start)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
