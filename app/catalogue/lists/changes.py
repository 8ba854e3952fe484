"""What changed in the ranking since the run before."""

from dataclasses import dataclass

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.lists.comparison import previous_ranks, since_previous_run
from app.catalogue.lists.ranking import ListedMovie, listed_movie

MOST = 5


@dataclass(frozen=True, slots=True)
class Climb:
    """A movie that rose, and by how many places."""

    movie: ListedMovie
    places: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Both are empty if there is no run to compare with."""

    entered: list[ListedMovie]
    """The best first."""
    climbed: list[Climb]
    """The farthest first."""


def changes(curated: CuratedCatalogue) -> Changes:
    """A few movies of each kind; hidden ones are left out."""
    found = since_previous_run(curated)
    if found is None or not previous_ranks(curated.catalogue):
        return Changes([], [])
    climbs = [(id_, (before or 0) - (after or 0)) for id_, before, after in found.climbed[:MOST]]
    return Changes(
        [_listed(curated, movie_id) for movie_id, _, _ in found.entered[:MOST]],
        [Climb(_listed(curated, movie_id), places) for movie_id, places in climbs],
    )


def _listed(curated: CuratedCatalogue, movie_id: int) -> ListedMovie:
    row = curated.row_of(movie_id)
    rank = curated.catalogue.columns.rank[row]
    return listed_movie(curated.catalogue, row, rank, source="ranking")
