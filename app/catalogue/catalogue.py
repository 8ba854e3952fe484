"""The catalogue of one run, and the same with curators' decisions applied.

Everything derived from the columns is made once, when a run is loaded: the place of each movie in
each order of the lists, and sets of places for the genres, years and numbers of ratings that lists
are filtered by.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.catalogue.bitsets import Prefixes, bitset
from app.catalogue.columns import NONE, Columns, value
from app.catalogue.decisions import Decisions
from app.catalogue.errors import MovieNotFound
from app.catalogue.fitted import FittedModels
from app.catalogue.orders import LATER, ORDERS, RANKING, Order
from app.catalogue.runs import RunFigures
from app.catalogue.search import TitleIndex
from app.catalogue.statistics import ratings_by_year

BYTES_PER_MOVIE = 600
"""Measured, without the packed columns: 590 with 62,000 movies, 480 with 1,000,000."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """The rated movies in one order. Places count from 0; sets are those of `bitsets`."""

    rows: "array[int]"
    """By place."""
    places: "array[int]"
    """By row; NONE for movies without ratings."""
    genres: dict[str, int]
    eligible: int
    """The set of movies that reach the run's eligibility floor."""
    ranked: int
    """The set of movies that have a rank in the run."""
    most_rated: Prefixes
    newest: Prefixes

    def set_of(self, rows: Iterable[int]) -> int:
        """The set of those rows that are rated."""
        return _set(rows, self.places, len(self.rows))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All movies of a run; never changed once it is built."""

    run: RunFigures
    previous_run: int | None
    """The kept run before this one."""
    digest: str
    """Identifies what it was made from."""
    columns: Columns
    models: FittedModels
    orderings: dict[Order, Ordering]
    """Without the orders that the run lacks."""
    titles: TitleIndex
    genres: tuple[str, ...]
    """In alphabetical order, including those of movies without ratings."""
    ratings_by_year: dict[str, int]
    """Of all movies; empty where ratings came without times."""

    @property
    def rated(self) -> int:
        """How many movies have ratings."""
        return len(self.orderings["rating_count"].rows)

    @property
    def ranked(self) -> int:
        """How many movies have a rank."""
        return self.orderings["rating_count"].ranked.bit_count()

    @property
    def predicted_bytes(self) -> int:
        """Its approximate size in memory; workers forked with it share most of it."""
        columns, models = self.columns, self.models
        packed = [columns.links, columns.tags, columns.months]
        packed += [models.similar, models.visitor_weights]
        return len(columns) * BYTES_PER_MOVIE + sum(one.size for one in packed)

    def order(self, wanted: Order) -> Order:
        """The order that a list gets: the ranking's if the run lacks the wanted one."""
        return wanted if wanted in self.orderings else RANKING

    def with_min_ratings(self, least: int, order: Order) -> int:
        """The set of movies with at least this many ratings."""
        if least == self.run.min_ratings:
            return self.orderings[order].eligible
        rows, counts = self.orderings["rating_count"].rows, self.columns.rating_count
        end = bisect_right(rows, -least, key=lambda row: -counts[row])
        return self.orderings[order].most_rated.first(end)

    def of_years(self, first: int | None, last: int | None, order: Order) -> int:
        """The set of movies of these years; movies without a year are never in it."""
        rows, years = self.orderings["year"].rows, self.columns.year
        start = 0 if last is None else bisect_left(rows, -last, key=lambda row: -years[row])
        end = bisect_right(rows, -(first or 0), key=lambda row: -years[row])
        return self.orderings[order].newest.between(start, max(start, end))

    def of_genres(self, names: Sequence[str], order: Order) -> int:
        """The set of movies of any of these genres."""
        sets, found = self.orderings[order].genres, 0
        for name in names:
            found |= sets.get(name, 0)
        return found


@dataclass(frozen=True, slots=True)
class CuratedCatalogue:
    """A catalogue with curators' decisions applied."""

    catalogue: Catalogue
    decisions: Decisions
    shown: dict[Order, int]
    """The sets of rated movies that are not hidden."""
    pins: tuple[tuple[int, int], ...]
    """(position, row) of pinned movies that are rated."""

    @classmethod
    def of(cls, catalogue: Catalogue, decisions: Decisions) -> "CuratedCatalogue":
        columns = catalogue.columns
        hidden = [row for id_ in decisions.hidden if (row := columns.row_of(id_)) is not None]
        everything = (1 << catalogue.rated) - 1
        pins = ((position, columns.row_of(id_)) for position, id_ in decisions.pins)
        return cls(
            catalogue,
            decisions,
            shown={
                order: everything & ~ordering.set_of(hidden)
                for order, ordering in catalogue.orderings.items()
            },
            pins=tuple((p, row) for p, row in pins if row is not None and columns.is_rated(row)),
        )

    def row_of(self, movie_id: int) -> int:
        """Raises MovieNotFound, also for a hidden movie."""
        row = self.catalogue.columns.row_of(movie_id)
        if row is None or movie_id in self.decisions.hidden:
            raise MovieNotFound(movie_id)
        return row

    def rating_count(self, movie_id: int) -> int | None:
        """None without ratings. Raises MovieNotFound."""
        return value(self.catalogue.columns.rating_count[self.row_of(movie_id)])

    def title_of(self, movie_id: int) -> tuple[str, int | None] | None:
        """(title, year) of a movie, hidden or not; None if there is no such movie."""
        columns = self.catalogue.columns
        row = columns.row_of(movie_id)
        return None if row is None else (columns.titles[row], value(columns.catalogue_years[row]))


def build(
    run: RunFigures,
    columns: Columns,
    models: FittedModels | None = None,
    *,
    previous_run: int | None = None,
    digest: str = "",
) -> Catalogue:
    """Everything derived from the columns of a run."""
    in_order = {order: _rows(columns, by) for order, by in _orders(columns).items()}
    of_genre = _rows_of_genres(columns)
    eligible = [row for row in range(len(columns)) if columns.rating_count[row] >= run.min_ratings]
    ranked = [row for row in range(len(columns)) if columns.rank[row] != NONE]
    orderings = {}
    for order, rows in in_order.items():
        places = _inverse(rows, len(columns))
        orderings[order] = Ordering(
            rows=rows,
            places=places,
            genres={name: _set(some, places, len(rows)) for name, some in of_genre.items()},
            eligible=_set(eligible, places, len(rows)),
            ranked=_set(ranked, places, len(rows)),
            most_rated=Prefixes.of([places[row] for row in in_order["rating_count"]]),
            newest=Prefixes.of([places[row] for row in in_order["year"]]),
        )
    titles = TitleIndex.of(columns.titles)
    return Catalogue(
        run,
        previous_run,
        digest,
        columns,
        models or FittedModels(),
        orderings,
        titles,
        tuple(sorted(of_genre)),
        ratings_by_year(columns),
    )


def _orders(columns: Columns) -> dict[Order, tuple[str, ...]]:
    """The orders by columns that the run has for at least one movie."""
    return {
        order: by
        for order, by in ORDERS.items()
        if order not in LATER or any(figure != NONE for figure in getattr(columns, by[0]))
    }


def _set(rows: Iterable[int], places: "array[int]", size: int) -> int:
    """The set of those rows that are rated."""
    return bitset((place for row in rows if (place := places[row]) != NONE), size)


def _rows(columns: Columns, by: tuple[str, ...]) -> "array[int]":
    """The rated rows, the greatest first; ties stay in ascending order of ids."""
    rows = [row for row in range(len(columns)) if columns.is_rated(row)]
    for name in reversed(by):  # a stable sort by each column, the least important one first
        rows.sort(key=getattr(columns, name).__getitem__, reverse=True)
    return array("i", rows)


def _inverse(rows: "array[int]", size: int) -> "array[int]":
    places = array("i", [NONE]) * size
    for place, row in enumerate(rows):
        places[row] = place
    return places


def _rows_of_genres(columns: Columns) -> dict[str, "array[int]"]:
    found = defaultdict[str, "array[int]"](lambda: array("i"))
    for row in range(len(columns)):
        for name in columns.genre_names(row):
            found[name].append(row)
    return found
