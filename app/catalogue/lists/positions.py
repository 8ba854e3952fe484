"""The positions of movies in the ranking that readers see, and the state of each pin."""

from collections.abc import Iterable
from typing import Literal

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.columns import NONE
from app.catalogue.lists.ranking import MovieFilter, arrange
from app.catalogue.orders import RANKING

PinState = Literal["stands", "moved", "unknown", "unrated", "filtered", "beyond"]
"""At its position, or at the next free one; otherwise why it has none: the catalogue lacks the
movie, the run has no ratings of it, it does not pass the filter, the list is shorter."""


def positions(
    curated: CuratedCatalogue, movie_ids: Iterable[int], wanted: MovieFilter | None = None
) -> dict[int, int]:
    """Movie id -> its position from 1, of movies in the list. Raises UnknownGenre."""
    columns, places = curated.catalogue.columns, curated.catalogue.orderings[RANKING].places
    found = arrange(curated, wanted or MovieFilter())
    pinned = {place: index for index, place in found.pins.items()}
    at = {}
    for movie_id in movie_ids:
        row = columns.row_of(movie_id)
        place = NONE if row is None else places[row]
        if place in pinned:
            at[movie_id] = pinned[place] + 1
        elif place != NONE and found.others >> place & 1:
            before = (found.others & ((1 << place) - 1)).bit_count()
            at[movie_id] = _around(sorted(found.pins), before) + 1
    return at


def _around(pinned: list[int], index: int) -> int:
    """The index in the list of the movie with this index among those that are not pinned."""
    for at in pinned:
        if at > index:
            break
        index += 1
    return index


def pin_states(curated: CuratedCatalogue, wanted: MovieFilter | None = None) -> dict[int, PinState]:
    """Movie id -> the state of its pin. Raises UnknownGenre."""
    found = arrange(curated, wanted or MovieFilter())
    pinned = {place: index for index, place in found.pins.items()}
    places = curated.catalogue.orderings[RANKING].places
    states: dict[int, PinState] = {}
    for position, movie_id in curated.decisions.pins:
        row = curated.catalogue.columns.row_of(movie_id)
        place = NONE if row is None else places[row]
        if row is None:
            states[movie_id] = "unknown"
        elif place == NONE:
            states[movie_id] = "unrated"
        elif place in pinned:
            states[movie_id] = "stands" if pinned[place] == position - 1 else "moved"
        else:
            states[movie_id] = "beyond" if found.passing >> place & 1 else "filtered"
    return states
