"""What a run changed in the ranking of the run before, by the ranks that it keeps."""

from dataclasses import dataclass

from app.catalogue.bitsets import members
from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.columns import NONE
from app.catalogue.orders import RANKING
from app.catalogue.ranking import ListedMovie, listed_movie

MOST = 5


@dataclass(frozen=True, slots=True)
class Climb:
    """A movie that rose, and by how many places."""

    movie: ListedMovie
    places: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Both are empty where there is no run to compare with."""

    entered: list[ListedMovie]
    """The best first."""
    climbed: list[Climb]
    """The farthest first."""


def changes(curated: CuratedCatalogue) -> Changes:
    """A few movies of each kind; hidden ones are left out."""
    columns = curated.catalogue.columns
    rank, before = columns.rank, columns.previous_rank
    shown = _ranked_rows(curated)
    if not any(before[row] != NONE for row in shown):
        return Changes([], [])
    entered = sorted((row for row in shown if before[row] == NONE), key=rank.__getitem__)
    climbed = sorted(
        (row for row in shown if before[row] > rank[row]),
        key=lambda row: (rank[row] - before[row], rank[row]),
    )
    return Changes(
        [_listed(curated, row) for row in entered[:MOST]],
        [Climb(_listed(curated, row), before[row] - rank[row]) for row in climbed[:MOST]],
    )


def _ranked_rows(curated: CuratedCatalogue) -> list[int]:
    ordering = curated.catalogue.orderings[RANKING]
    shown = ordering.ranked & curated.shown[RANKING]
    return [ordering.rows[place] for place in members(shown, 0, shown.bit_count())]


def _listed(curated: CuratedCatalogue, row: int) -> ListedMovie:
    rank = curated.catalogue.columns.rank[row]
    return listed_movie(curated.catalogue, row, rank, source="ranking")
