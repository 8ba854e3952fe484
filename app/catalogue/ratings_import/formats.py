"""The exports of Letterboxd, IMDb, MovieLens and Trakt.

    Letterboxd  ratings.csv, watched.csv: Date, Name, Year, Letterboxd URI[, Rating 0.5-5]
    IMDb        since 2017: Const, Your Rating 1-10, ..., Title, ..., Title Type, ..., Year, ...
                before: position, const, ..., Title, Title type, ..., You rated, ..., Year, ...
    MovieLens   movie_id, imdb_id, tmdb_id, rating 0.5-5, average_rating, title
    Trakt       JSON: [{rating 1-10, type, movie: {title, year, ids: {imdb, tmdb}}}]

A format is recognized by its columns, whatever their order and case.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

MOST_CHARACTERS = 500
"""Of an imported title or other text."""
MOVIE_TYPES = {"movie", "feature film", "tvmovie", "tv movie", "video", "short", "tvspecial"}
MOVIE_TYPES |= {"tv special", "documentary", "tv short", "tvshort", "short film"}
"""IMDb's title types that a catalogue of movies may hold."""
Fault = Literal["empty", "zip", "not_text", "malformed", "unknown_format", "no_movies"]
Row = Mapping[str, str]


class UnreadableExport(Exception):
    """The export cannot be read; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class ImportedMovie:
    """A movie that somebody rated or watched."""

    title: str
    year: int | None
    stars: float | None
    """From 0.5 to 5 in steps of 0.5; None if it was only watched."""
    other_title: str = ""
    imdb_id: str = ""
    """Digits without the leading tt and zeros; likewise `tmdb_id`."""
    tmdb_id: str = ""
    movielens_id: int | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """What an export holds."""

    source: str
    movies: list[ImportedMovie]
    skipped: int
    """Entries that are not movies: episodes, shows, games."""


def read_export(data: bytes) -> Export:
    """Raises UnreadableExport."""
    text = _text(data)
    found = _of_json(text) if text.lstrip()[:1] in ("[", "{") else _of_csv(text)
    if not found.movies:
        raise UnreadableExport("no_movies")
    return found


def _text(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        raise UnreadableExport("zip")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if not text.strip():
            raise UnreadableExport("empty")
        return text
    raise UnreadableExport("not_text")


def _of_csv(text: str) -> Export:
    try:
        rows = [{_name(k): v or "" for k, v in row.items() if k} for row in _rows(text)]
    except csv.Error:
        raise UnreadableExport("malformed") from None
    columns = set(rows[0]) if rows else {_name(name) for name in text.splitlines()[0].split(",")}
    for source, needed, read in FORMATS:
        if needed <= columns:
            movies = [read(row) for row in rows]
            kept = [movie for movie in movies if movie]
            return Export(source, kept, len(movies) - len(kept))
    raise UnreadableExport("unknown_format")


def _rows(text: str) -> Iterator[dict[str, Any]]:
    """In some locales spreadsheets separate columns by semicolons."""
    head = text.lstrip().splitlines()[0]
    delimiter = max(",;\t", key=head.count)
    return csv.DictReader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter, restval="")


def _name(column: str) -> str:
    return column.strip().strip('"').lower()


def _letterboxd(row: Row) -> ImportedMovie | None:
    return _movie(row["name"], row["year"], _stars(row.get("rating", ""), 1.0))


def _imdb(row: Row) -> ImportedMovie | None:
    if row.get("title type", "movie").lower() not in MOVIE_TYPES:
        return None
    return _movie(
        row["title"],
        row["year"],
        _stars(row.get("your rating") or row.get("you rated") or "", 0.5),
        other_title=row.get("original title", ""),
        imdb_id=_id(row["const"]),
    )


def _movielens(row: Row) -> ImportedMovie | None:
    title, year = _with_year(row["title"])
    id_ = _id(row["movie_id"])
    return _movie(
        title,
        year,
        _stars(row["rating"], 1.0),
        imdb_id=_id(row.get("imdb_id", "")),
        tmdb_id=_id(row.get("tmdb_id", "")),
        movielens_id=int(id_) if id_ else None,
    )


FORMATS: tuple[tuple[str, set[str], Callable[[Row], ImportedMovie | None]], ...] = (
    ("Letterboxd", {"name", "year", "letterboxd uri"}, _letterboxd),
    ("IMDb", {"const", "title", "year"}, _imdb),
    ("MovieLens", {"movie_id", "rating", "title"}, _movielens),
)
"""Source, the columns that identify it, how a row is read: None for what is not a movie."""


def _of_json(text: str) -> Export:
    """Trakt's."""
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableExport("malformed") from None
    if not isinstance(entries, list) or not any(_is_of_trakt(one) for one in entries):
        raise UnreadableExport("unknown_format")
    movies = [_trakt(one) for one in entries if _is_of_trakt(one)]
    kept = [movie for movie in movies if movie]
    return Export("Trakt", kept, len(entries) - len(kept))


def _is_of_trakt(entry: object) -> bool:
    return isinstance(entry, dict) and any(
        isinstance(entry.get(kind), dict) for kind in ("movie", "show", "episode", "season")
    )


def _trakt(entry: dict[str, Any]) -> ImportedMovie | None:
    movie = entry.get("movie")
    if not isinstance(movie, dict):
        return None
    given = movie.get("ids")
    ids: dict[str, Any] = given if isinstance(given, dict) else {}
    return _movie(
        str(movie.get("title") or ""),
        str(movie.get("year") or ""),
        _stars(str(entry.get("rating") or ""), 0.5),
        imdb_id=_id(str(ids.get("imdb") or "")),
        tmdb_id=_id(str(ids.get("tmdb") or "")),
    )


def _movie(title: str, year: str, stars: float | None, **more: Any) -> ImportedMovie | None:
    """None for what has neither a title nor an id."""
    # JSON may hold half a surrogate pair, which is not valid text.
    title = title.strip()[:MOST_CHARACTERS].encode("utf-8", "replace").decode()
    if not title and not any(more.values()):
        return None
    more = {name: v[:MOST_CHARACTERS] if isinstance(v, str) else v for name, v in more.items()}
    return ImportedMovie(title, _year(year), stars, **more)


def _stars(text: str, unit: float) -> float | None:
    """Rounded up to a half; None for what is not a rating."""
    text = text.strip().replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,4})?", text):
        return None
    half_stars = -(-float(text) * unit * 2 // 1)
    return half_stars / 2 if 1 <= half_stars <= 10 else None


def _year(text: str) -> int | None:
    found = re.match(r"[12][0-9]{3}(?![0-9])", text.strip())
    return int(found[0]) if found else None


def _with_year(title: str) -> tuple[str, str]:
    """Title and year of `Matrix, The (1999)`."""
    found = re.fullmatch(r"(.+?)\s*\(([12][0-9]{3})\)\s*", title, re.DOTALL)
    return (found[1], found[2]) if found else (title, "")


def _id(text: str) -> str:
    """tt0133093 -> 133093."""
    found = re.fullmatch(r"(?:tt)?0*([1-9][0-9]{0,9})", text.strip(), re.ASCII)
    return found[1] if found else ""
