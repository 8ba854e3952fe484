"""Recognise files that are not movies or ratings by their first bytes.

For each the error says what it is and what would help.
"""

import re

from spark_jobs.input.formats.columns import folded
from spark_jobs.input.formats.file_format import BYTE_ORDER_MARK
from spark_jobs.input.formats.recognise import first_line, header_of

UNPACK = "unpack it and name the folder with the .csv files"
TO_CSV = "save it as CSV in UTF-8"
GZIP = "only gzip is supported: unpack it, or compress it with gzip"
SIGNATURES = {
    b"Rar!": f"a RAR archive: {UNPACK}",
    b"7z\xbc\xaf\x27\x1c": f"a 7-Zip archive: {UNPACK}",
    b"BZh": f"compressed with bzip2: {GZIP}",
    b"\xfd7zXZ\x00": f"compressed with xz: {GZIP}",
    b"\x28\xb5\x2f\xfd": f"compressed with zstd: {GZIP}",
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
    "ml-latest, or combine the exports of many people in one table with a column for the user"
)
EXPORTS = {
    "Letterboxd's": {"letterboxduri"},
    "IMDb's": {"const", "yourrating"},
    "movielens.org's": {"movieid", "imdbid", "tmdbid", "averagerating"},
    "Goodreads'": {"bookid", "myrating"},
}
"""Origin of an export -> folded names of columns that only it has."""
METADATA = {"adult", "belongstocollection", "budget"}
SEVERAL_RATINGS = re.compile(rb"\d+:\s*\n\d+,[1-5],\d{4}-\d\d-\d\d")
NETFLIX_TITLES = re.compile(rb"\d+,(?:\d{4}|NULL),[^,\n]")
TO_ROWS = """awk -F, '/:$/ {m = substr($0, 1, length($0) - 1); next} {print $1","m","$2","$3}'"""


def describe(name: str, head: bytes) -> str | None:
    """What a file with this beginning is, and what to do; None if it may be a table."""
    return _packed(name, head) or _text(head) or _known_header(head)


def other_encoding(head: bytes) -> str | None:
    """The remedy for text that is neither UTF-8 nor Western European; None for either.

    Non-ASCII letters come alone in Western European text, and in runs in other text. In GBK
    they are pairs, and the most common characters begin with B0 to D7.
    """
    lines = head.split(b"\n")[:-1] or [head]
    odd = [line for line in lines if not _is_utf_8(line)]
    if len(odd) < SOME * len(lines):  # a few bad rows, rejected one by one
        return None
    runs = re.findall(rb"[\x80-\xff]+", b"\n".join(odd))
    long = [run for run in runs if len(run) > 1]
    if not runs or len(long) * 2 <= len(runs):
        return None
    pairs = [run[i : i + 2] for run in long for i in range(0, len(run) - 1, 2)]
    chinese = [pair for pair in pairs if 0xB0 <= pair[0] <= 0xD7 and pair[1] >= 0xA1]
    name = "GBK" if len(chinese) * 2 > len(pairs) else "ENCODING"
    guess = "it looks like Chinese in GBK" if name == "GBK" else "nor in a Western encoding"
    return f"not in UTF-8, {guess}: write it as UTF-8, e.g. with iconv -f {name} -t UTF-8"


def _packed(name: str, head: bytes) -> str | None:
    if head.startswith(ZIP):
        is_excel = name.lower().endswith((".xlsx", ".xlsm")) or b"xl/" in head or b"_rels" in head
        return f"an Excel workbook (.xlsx): {TO_CSV}" if is_excel else f"a zip archive: {UNPACK}"
    if head[257:262] == b"ustar":
        return f"a tar archive: {UNPACK}"
    signed = (what for start, what in SIGNATURES.items() if head.startswith(start))
    return next(signed, None)


def _text(head: bytes) -> str | None:
    start = head.removeprefix(BYTE_ORDER_MARK).lstrip()[:512]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or _alternates_with_nul(head):
        return UTF_16
    if re.match(rb"<(!doctype html|html)", start, re.IGNORECASE):
        return "a web page (HTML): the download requires a login or has moved"
    if start.startswith((b"<?xml", b"<")):
        return f"XML: {TO_CSV}"
    if start.startswith((b"[", b"{")) and re.match(rb'[\[{]\s*["{\]}]', start):
        return _json(head)
    if start.lower().startswith(b"sep="):
        return "CSV with a first line for Excel only: delete it, e.g. with tail -n +2"
    if b"\n" not in head and head.count(b"\r") > 1:
        return "text whose lines end with CR only: convert them to LF, e.g. with tr '\\r' '\\n'"
    return other_encoding(head)


def _json(head: bytes) -> str:
    if b'"rated_at"' in head:
        return f"Trakt's export, {OF_ONE_PERSON}"
    return "JSON: write it as CSV or Parquet, one row per rating"


def _known_header(head: bytes) -> str | None:
    plain = head.removeprefix(BYTE_ORDER_MARK)
    if SEVERAL_RATINGS.match(plain):
        return (
            "the Netflix Prize's form, a block of ratings for each movie: convert it to rows with "
            f"{TO_ROWS} and number the columns, --columns user=1,movie=2,rating=3,time=4"
        )
    if NETFLIX_TITLES.match(plain):
        return (
            "the Netflix Prize's list of titles, without a header and with unquoted commas: "
            'convert it with sed -E \'s/"/""/g; s/^([^,]*),([^,]*),(.*)$/\\1,\\2,"\\3"/\' '
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
            "Kaggle's movies_metadata.csv, with TMDB's ids: the ratings beside it use "
            "MovieLens' ids. Take movies.csv of MovieLens' ml-latest, which has the same ids"
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
