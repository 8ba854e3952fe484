"""All that is known about one movie of a catalogue."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.columns import NONE, Columns, value
from app.catalogue.movies.explanation import Explanation, explain
from app.catalogue.packing import MONTHS, unpack
from app.catalogue.runs import by_stars


@dataclass(frozen=True, slots=True)
class Link:
    """A movie on another site."""

    id: str
    """As that site writes it, with leading zeros."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Null if the input has no id."""

    imdb: Link | None
    tmdb: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieDetail:
    """A movie of the catalogue in a run. Without ratings there is nothing to explain."""

    run: int
    movie_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]
    pinned: bool
    public_note: str | None
    """The curators' public note about the movie."""
    half_star_counts: dict[str, int]
    """Stars -> ratings."""
    months: dict[str, int]
    """Month, such as 2018-09 -> ratings in it; empty if the run has none."""
    years: dict[str, int]
    """Year -> ratings in it."""
    last_rated_at: datetime | None
    tags: list[str]
    """The tags that people gave it most, the strongest first."""
    links: Links
    explanation: Explanation | None


def movie_detail(curated: CuratedCatalogue, movie_id: int) -> MovieDetail:
    """Raises MovieNotFound, also for a hidden movie."""
    catalogue, columns = curated.catalogue, curated.catalogue.columns
    row = curated.row_of(movie_id)
    months = _months(columns, row)
    seconds = columns.last_rated[row]
    return MovieDetail(
        run=catalogue.run.id,
        movie_id=movie_id,
        title=columns.titles[row],
        year=value(columns.catalogue_years[row]),
        genres=columns.genre_names(row),
        pinned=any(movie_id == pinned for _, pinned in curated.decisions.pins),
        public_note=curated.decisions.note_of(movie_id),
        half_star_counts=by_stars(columns.star_counts(row)),
        months=months,
        years=_by_year(months),
        last_rated_at=None if seconds == NONE else datetime.fromtimestamp(seconds, UTC),
        tags=json.loads(columns.tags.get(row) or b"[]"),
        links=_links(columns, row),
        explanation=explain(catalogue, row),
    )


def _months(columns: Columns, row: int) -> dict[str, int]:
    months, ratings = unpack(columns.months.get(row), MONTHS)
    names = (f"{1970 + month // 12}-{month % 12 + 1:02}" for month in months)
    return dict(zip(names, ratings, strict=True))


def _by_year(months: dict[str, int]) -> dict[str, int]:
    years = Counter[str]()
    for month, ratings in months.items():
        years[month[:4]] += ratings
    return dict(years)


def _links(columns: Columns, row: int) -> Links:
    imdb, tmdb = columns.ids_elsewhere(row)
    return Links(
        imdb=Link(imdb, f"https://www.imdb.com/title/tt{imdb}/") if imdb else None,
        tmdb=Link(tmdb, f"https://www.themoviedb.org/movie/{tmdb}") if tmdb else None,
    )
