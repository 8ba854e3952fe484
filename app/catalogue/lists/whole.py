"""The whole catalogue in the ranking's own order, as curators browse it.

Nothing is hidden or pinned. Ranked movies come first, then those below the floor by their scores,
then those without ratings in the run.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from app.catalogue.bitsets import members
from app.catalogue.catalogue import Catalogue
from app.catalogue.columns import NONE, value
from app.catalogue.orders import RANKING

YEARS = 10
Moved = Literal["entered", "left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeFilter:
    """What the list is filtered by; by default it is everything."""

    genre: str | None = None
    decade: int | None = None
    """Its first year."""
    words: str | None = None
    """Beginnings of words in the title."""
    moved: Moved | None = None
    """Movies that entered the ranking since the run before, or left it."""
    movie_ids: Collection[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A movie of the catalogue, and what the run says about it."""

    movie_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]
    rank: int | None
    previous_rank: int | None
    """Null if it had none, or there is no kept run before."""
    weighted_rating: float | None
    lower_bound: float | None
    upper_bound: float | None
    rating_count: int | None


@dataclass(frozen=True, slots=True)
class WholeList:
    """The movies that pass a filter, in three parts."""

    catalogue: Catalogue
    ranked: int
    """The set of places of those with a rank."""
    rated: int
    """The set of places of those below the floor."""
    unrated: list[int]
    """Rows."""

    @property
    def count(self) -> int:
        return self.ranked.bit_count() + self.rated.bit_count() + len(self.unrated)

    def entries(self, start: int, stop: int) -> list[CatalogueEntry]:
        """The slice from `start` to `stop`."""
        rows, found = self.catalogue.orderings[RANKING].rows, []
        for part in (self.ranked, self.rated):
            found += [rows[place] for place in members(part, max(start, 0), max(stop, 0))]
            start, stop = start - part.bit_count(), stop - part.bit_count()
        found += self.unrated[max(start, 0) : max(stop, 0)]
        return [entry(self.catalogue, row) for row in found]


def whole_list(catalogue: Catalogue, wanted: WholeFilter) -> WholeList:
    """The movies that pass a filter."""
    ordering, columns = catalogue.orderings[RANKING], catalogue.columns
    passing = (1 << catalogue.rated) - 1
    if wanted.genre is not None:
        passing &= catalogue.of_genres([wanted.genre], RANKING)
    if wanted.decade is not None:
        passing &= catalogue.of_years(wanted.decade, wanted.decade + YEARS - 1, RANKING)
    rows = _rows(catalogue, wanted)
    if rows is not None:
        passing &= ordering.set_of(rows)
    unrated = [
        row
        for row in (range(len(columns)) if rows is None else sorted(rows))
        if not columns.is_rated(row) and _passes(catalogue, row, wanted)
    ]
    return WholeList(catalogue, passing & ordering.ranked, passing & ~ordering.ranked, unrated)


def _rows(catalogue: Catalogue, wanted: WholeFilter) -> set[int] | None:
    """The rows that a filter picks individually; None if it does not."""
    named: list[set[int]] = []
    if wanted.words is not None:
        named.append(catalogue.titles.find(wanted.words))
    if wanted.moved is not None:
        named.append(set(_moved(catalogue, wanted.moved)))
    if wanted.movie_ids is not None:
        rows = map(catalogue.columns.row_of, wanted.movie_ids)
        named.append({row for row in rows if row is not None})
    return set.intersection(*named) if named else None


def _moved(catalogue: Catalogue, moved: Moved) -> list[int]:
    if catalogue.previous_run is None:
        return []
    columns = catalogue.columns
    here, not_here = columns.rank, columns.previous_rank
    if moved == "left":
        here, not_here = not_here, here
    return [row for row in range(len(columns)) if here[row] != NONE and not_here[row] == NONE]


def _passes(catalogue: Catalogue, row: int, wanted: WholeFilter) -> bool:
    columns = catalogue.columns
    decade = columns.catalogue_years[row] // YEARS * YEARS
    return wanted.genre in (None, *columns.genre_names(row)) and wanted.decade in (None, decade)


def entry(catalogue: Catalogue, row: int) -> CatalogueEntry:
    """The catalogue's entry in a row."""
    columns = catalogue.columns
    return CatalogueEntry(
        movie_id=columns.movie_ids[row],
        title=columns.titles[row],
        year=value(columns.catalogue_years[row]),
        genres=columns.genre_names(row),
        rank=value(columns.rank[row]),
        previous_rank=value(columns.previous_rank[row]),
        weighted_rating=value(columns.weighted_rating[row]),
        lower_bound=value(columns.lower_bound[row]),
        upper_bound=value(columns.upper_bound[row]),
        rating_count=value(columns.rating_count[row]),
    )


def decades(catalogue: Catalogue) -> list[int]:
    """The first years of the decades with movies, the newest first."""
    years = set(catalogue.columns.catalogue_years) - {NONE}
    return sorted({year // YEARS * YEARS for year in years}, reverse=True)
