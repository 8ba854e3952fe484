"""What a visitor sees first: shelves of movies; no movie is on two of them.

Which genres and which decade get a shelf depends on the number of the run, so that each run shows
different ones.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, TypeVar

from app.catalogue.bitsets import members
from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.columns import NONE
from app.catalogue.lists.ranking import ListedMovie, MovieFilter, top_movies
from app.catalogue.orders import RANKING

SIZE = 8
LEAST = 4
"""Movies that a shelf needs in order to be shown."""
GENRES = 3
NOT_TELLING = {"(no genres listed)", "IMAX"}
T = TypeVar("T")
Kind = Literal["best", "trending", "gems", "genre", "decade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A few movies, and what they have in common."""

    kind: Kind
    movies: list[ListedMovie]
    genre: str | None = None
    decade: int | None = None
    """Its first year."""
    below: int | None = None
    """Each has fewer ratings than this."""


def shelves(curated: CuratedCatalogue) -> list[Shelf]:
    """The shelves in the order in which they are shown."""
    found: list[Shelf] = []
    used: set[int] = set()
    for shelf in _candidates(curated, used):
        if len(shelf.movies) >= LEAST or shelf.kind == "best":
            found.append(shelf)
            used.update(_rows(curated, shelf.movies))
    return found


def _candidates(curated: CuratedCatalogue, used: set[int]) -> Iterable[Shelf]:
    """One at a time: `used` are the rows on the previous shelves."""
    orderings = curated.catalogue.orderings
    yield Shelf(kind="best", movies=_top(curated, ()))
    if "trending" in orderings:
        rising = MovieFilter(min_ratings=0)
        movies = top_movies(curated, rising, order="trending", limit=SIZE, without=used).movies
        yield Shelf(kind="trending", movies=movies)
    if "lower_bound" in orderings:
        yield _gems(curated, used)
    for genre in _genres(curated):
        movies = _top(curated, used, MovieFilter(genres=(genre,)))
        yield Shelf(kind="genre", movies=movies, genre=genre)
    for decade in _turn(_decades(curated), curated.catalogue.run.id, 1):
        wanted = MovieFilter(year_from=decade, year_to=decade + 9)
        yield Shelf(kind="decade", movies=_top(curated, used, wanted), decade=decade)


def _gems(curated: CuratedCatalogue, used: set[int]) -> Shelf:
    """Movies with high lower bounds, and fewer ratings than most movies of the ranking."""
    counts = curated.catalogue.columns.rating_count
    eligible = _eligible_rows(curated)
    below = int(median(counts[row] for row in eligible)) if eligible else 0
    known = [row for row in eligible if counts[row] >= below]
    without = used.union(known)
    movies = top_movies(curated, order="lower_bound", limit=SIZE, without=without).movies
    return Shelf(kind="gems", movies=movies, below=below)


def _top(
    curated: CuratedCatalogue, used: Iterable[int], wanted: MovieFilter | None = None
) -> list[ListedMovie]:
    return top_movies(curated, wanted, limit=SIZE, without=used).movies


def _genres(curated: CuratedCatalogue) -> Sequence[str]:
    """A few of those with enough movies; different ones each run, spread over the alphabet."""
    catalogue = curated.catalogue
    ordering = catalogue.orderings[RANKING]
    shown = curated.shown[RANKING] & ordering.ranked
    large = [
        name
        for name in catalogue.genres
        if name not in NOT_TELLING and (ordering.genres[name] & shown).bit_count() >= 2 * SIZE
    ]
    return _turn(large, catalogue.run.id, GENRES)


def _decades(curated: CuratedCatalogue) -> list[int]:
    """Those with enough movies."""
    catalogue = curated.catalogue
    years = catalogue.columns.year
    eligible = _eligible_rows(curated)
    movies = Counter(years[row] // 10 * 10 for row in eligible if years[row] != NONE)
    return sorted(decade for decade, count in movies.items() if count >= 2 * SIZE)


def _eligible_rows(curated: CuratedCatalogue) -> list[int]:
    ordering = curated.catalogue.orderings[RANKING]
    shown = ordering.eligible & curated.shown[RANKING]
    places = members(shown, 0, shown.bit_count())
    return [ordering.rows[place] for place in places]


def _turn(some: Sequence[T], turn: int, count: int) -> Sequence[T]:
    """`count` of them, evenly spread, starting with a different one each turn."""
    if len(some) <= count:
        return some
    return [some[(turn + n * len(some) // count) % len(some)] for n in range(count)]


def _rows(curated: CuratedCatalogue, movies: list[ListedMovie]) -> Iterable[int]:
    for movie in movies:
        row = curated.catalogue.columns.row_of(movie.movie_id)
        if row is not None:
            yield row
