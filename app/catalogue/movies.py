"""One movie of a catalogue, and how many there are of each genre."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.columns import NONE, value
from app.catalogue.explanation import Explanation, explain
from app.catalogue.orders import RANKING
from app.catalogue.runs import by_stars


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieDetail:
    """A movie of the catalogue in a run. Without ratings there is nothing to explain."""

    run: int
    movie_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]
    pinned: bool
    half_star_counts: dict[str, int]
    """Stars -> ratings."""
    last_rated_at: datetime | None
    explanation: Explanation | None


@dataclass(frozen=True, slots=True)
class GenreSize:
    """A genre of the catalogue in a run."""

    genre: str
    movies: int
    """Movies of the genre that the run has ratings of."""
    movies_ranked: int


def movie_detail(curated: CuratedCatalogue, movie_id: int) -> MovieDetail:
    """Raises MovieNotFound, for a hidden movie, too."""
    catalogue, columns = curated.catalogue, curated.catalogue.columns
    row = curated.row_of(movie_id)
    seconds = columns.last_rated[row]
    return MovieDetail(
        run=catalogue.run.id,
        movie_id=movie_id,
        title=columns.titles[row],
        year=value(columns.catalogue_years[row]),
        genres=columns.genre_names(row),
        pinned=any(movie_id == pinned for _, pinned in curated.decisions.pins),
        half_star_counts=by_stars(columns.star_counts(row)),
        last_rated_at=None if seconds == NONE else datetime.fromtimestamp(seconds, UTC),
        explanation=explain(catalogue, row),
    )


def genre_sizes(curated: CuratedCatalogue) -> list[GenreSize]:
    """Those with rated movies, in alphabetical order; hidden movies do not count."""
    ordering = curated.catalogue.orderings[RANKING]
    found = []
    for name in curated.catalogue.genres:
        shown = ordering.genres[name] & curated.shown[RANKING]
        if shown:
            ranked = (shown & ordering.ranked).bit_count()
            found.append(GenreSize(name, shown.bit_count(), ranked))
    return found
