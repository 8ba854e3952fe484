"""Lists of movies: filtered, ordered, with pinned movies at their positions, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.catalogue.bitsets import bitset, members
from app.catalogue.catalogue import Catalogue, CuratedCatalogue
from app.catalogue.columns import value
from app.catalogue.decisions import Pin, honoured
from app.catalogue.errors import UnknownGenre
from app.catalogue.orders import RANKING, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieFilter:
    """What a list is filtered by; by default it is the whole ranking."""

    genres: tuple[str, ...] = ()
    """Movies of any of these."""
    without_genres: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    min_ratings: int | None = None
    """None: the run's eligibility floor, which pinned movies need not reach."""
    words: str | None = None
    """Beginnings of words in the title."""


Source = Literal["personal", "trending", "ranking"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A movie that a score follows from, and what it adds to the score; it may be negative."""

    movie_id: int
    title: str
    contribution: float


@dataclass(frozen=True, slots=True)
class ListedMovie:
    """A movie in a list. `score` is the sum of the contributions of its `reasons` and of `rest`."""

    position: int
    """Its place in this list, from 1."""
    pinned: bool
    """Whether a curator put it at its position."""
    rank: int | None
    """Its rank in the run; null below the eligibility floor."""
    movie_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]
    rating_count: int
    avg_rating: float
    weighted_rating: float
    lower_bound: float | None
    """Of the weighted rating's 90% interval; null if the run has none."""
    upper_bound: float | None
    trend: float | None
    """Its ratings; the older one is, the less it counts."""
    source: Source
    """Why it is here: movies that somebody likes, the trend, or the weighted rating."""
    score: float
    """Compare it within one source only."""
    reasons: list[Reason]
    """The strongest first; empty in lists that are the same for everybody."""
    rest: float
    """What is not in `reasons`."""


@dataclass(frozen=True, slots=True)
class MovieList:
    """A page of a list, and facts about the whole list."""

    count: int
    movies: list[ListedMovie]
    personal: int = 0
    """How many of its movies are recommended to one person; the ranking follows."""
    can_recommend: bool = False
    """Whether anything would be recommended personally without the filter."""


def top_movies(
    curated: CuratedCatalogue,
    wanted: MovieFilter | None = None,
    *,
    order: Order = RANKING,
    limit: int = 20,
    offset: int = 0,
    without: Iterable[int] = (),
    position: int = 1,
) -> MovieList:
    """The movies that pass a filter, from `offset` on, except some rows. Raises UnknownGenre.

    A run that lacks the `order` gives its ranking instead. The first movie of the list has the
    given `position`.
    """
    order = curated.catalogue.order(order)
    found = arrange(curated, wanted or MovieFilter(), order=order, without=without)
    at = _page(found.pins, found.others, range(found.count)[offset:][:limit])
    rows = curated.catalogue.orderings[order].rows
    return MovieList(
        found.count,
        [
            listed_movie(
                curated.catalogue,
                rows[place],
                index + position,
                pinned=index in found.pins,
                source="trending" if order == "trending" else "ranking",
            )
            for index, place in at.items()
        ],
    )


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the movies of a list are arranged; places are those of its order."""

    pins: dict[int, int]
    """Index in the list, from 0 -> place, of the pins that are honoured."""
    others: int
    """The set of all others, which fill the remaining positions."""
    passing: int
    """The set of movies that pass the filter, regardless of its minimum number of ratings."""

    @property
    def count(self) -> int:
        return self.others.bit_count() + len(self.pins)


def arrange(
    curated: CuratedCatalogue,
    wanted: MovieFilter,
    *,
    order: Order = RANKING,
    without: Iterable[int] = (),
) -> Arrangement:
    """The movies that pass a filter, except some rows. Raises UnknownGenre."""
    catalogue = curated.catalogue
    passing = passing_movies(curated, wanted, order)
    passing &= ~catalogue.orderings[order].set_of(without)
    floor = catalogue.run.min_ratings if wanted.min_ratings is None else wanted.min_ratings
    listed = passing & catalogue.with_min_ratings(floor, order)
    pins = _pins(curated, wanted, passing, listed) if order == RANKING else []
    places = [pin.place for _, pin in pins]
    others = listed & ~bitset(places, catalogue.rated) if pins else listed
    return Arrangement({index: pin.place for index, pin in pins}, others, passing)


def passing_movies(curated: CuratedCatalogue, wanted: MovieFilter, order: Order) -> int:
    """The set of movies that pass the filter, regardless of its minimum number of ratings.

    Raises UnknownGenre.
    """
    catalogue = curated.catalogue
    _check_genres(catalogue, wanted)
    found = curated.shown[order]
    if wanted.genres:
        found &= catalogue.of_genres(wanted.genres, order)
    if wanted.without_genres:
        found &= ~catalogue.of_genres(wanted.without_genres, order)
    if wanted.year_from is not None or wanted.year_to is not None:
        found &= catalogue.of_years(wanted.year_from, wanted.year_to, order)
    if wanted.words is not None:
        found &= catalogue.orderings[order].set_of(catalogue.titles.find(wanted.words))
    return found


def _check_genres(catalogue: Catalogue, wanted: MovieFilter) -> None:
    """Raises UnknownGenre."""
    unknown = [name for name in wanted.genres if name not in catalogue.genres]
    unknown += [f"-{name}" for name in wanted.without_genres if name not in catalogue.genres]
    if unknown:
        raise UnknownGenre(tuple(unknown), catalogue.genres)


def _pins(
    curated: CuratedCatalogue, wanted: MovieFilter, passing: int, listed: int
) -> list[tuple[int, Pin]]:
    """(index, pin) of the pins that this list honours."""
    places = curated.catalogue.orderings[RANKING].places
    counts = curated.catalogue.columns.rating_count
    fitting = [
        Pin(position, places[row], bool(listed >> places[row] & 1))
        for position, row in curated.pins
        # The run's floor does not apply to them, only a requested one.
        if passing >> places[row] & 1 and counts[row] >= (wanted.min_ratings or 0)
    ]
    return honoured(fitting, listed.bit_count()) if fitting else []


def _page(pinned: dict[int, int], others: int, page: range) -> dict[int, int]:
    """Index in the list -> place in its order."""
    before = sum(index < page.start for index in pinned)
    here = sum(index in page for index in pinned)
    start = page.start - before
    rest = iter(members(others, start, start + len(page) - here))
    return {index: pinned[index] if index in pinned else next(rest) for index in page}


def listed_movie(
    catalogue: Catalogue,
    row: int,
    position: int,
    *,
    source: Source,
    pinned: bool = False,
    score: float | None = None,
    reasons: list[Reason] | None = None,
    rest: float | None = None,
) -> ListedMovie:
    """An entry of a list. Without a score it gets the figure that the source ranks by."""
    columns = catalogue.columns
    if score is None:
        score = (columns.trend if source == "trending" else columns.weighted_rating)[row]
    return ListedMovie(
        position,
        pinned,
        value(columns.rank[row]),
        columns.movie_ids[row],
        columns.titles[row],
        value(columns.year[row]),
        columns.genre_names(row),
        columns.rating_count[row],
        columns.avg_rating[row],
        columns.weighted_rating[row],
        value(columns.lower_bound[row]),
        value(columns.upper_bound[row]),
        value(columns.trend[row]),
        source,
        score,
        reasons or [],
        score if rest is None else rest,
    )
