"""The movies' ids at IMDb and TMDB: links.csv."""

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from spark_jobs.contract import LINK_LENGTH
from spark_jobs.input.files.input_files import InputFile
from spark_jobs.input.formats import ids
from spark_jobs.input.movies.detail_rows import Fields, Known, blocks, id_of, parse_rows
from spark_jobs.input.rejection import Reason, RejectedRow, as_text

IMDB_DIGITS = 7
"""IMDb pads its numbers with zeros to this length; newer ones are longer."""


class Link(NamedTuple):
    """A movie's external ids; "" means none."""

    movie_id: int
    imdb_id: str
    tmdb_id: str


def read_links(
    files: Iterable[InputFile], known: Known
) -> tuple[dict[int, Link], list[RejectedRow]]:
    """Movie id -> its link, and every other row.

    Of several rows of a movie the first by external ids is accepted.
    """
    links: list[tuple[Link, str, bytes]] = []
    rejected: list[RejectedRow] = []
    for file, _, rows in blocks(files):
        some, others = parse_rows(rows, file, partial(parse, known))
        links += ((link, file.name, row) for link, row in some)
        rejected += others
    kept: dict[int, Link] = {}
    for link, name, row in sorted(links):
        if kept.setdefault(link.movie_id, link) is not link:
            rejected.append((name, "duplicate_link", as_text(row)))
    return kept, rejected


def parse(known: Known, fields: Fields) -> Link | Reason:
    """Parse a link, or return the reason to reject it."""
    movie_id = id_of(fields["movieId"])
    imdb_id, tmdb_id = _link(fields["imdbId"].removeprefix("tt")), _link(fields["tmdbId"])
    if movie_id is None:
        return "bad_id"
    if movie_id not in known:
        return "unknown_movie"
    if imdb_id is None or tmdb_id is None:
        return "bad_link"
    return Link(movie_id, imdb_id and imdb_id.zfill(IMDB_DIGITS), tmdb_id)


def _link(text: str) -> str | None:
    """The id without leading zeros, "" for none, None if invalid."""
    number = ids.number_of(text) if text.strip() else 0
    if number is None or len(str(number)) > LINK_LENGTH:
        return None
    return str(number) if number else ""
