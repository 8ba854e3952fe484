"""How many movies each genre has."""

from dataclasses import dataclass

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.orders import RANKING


@dataclass(frozen=True, slots=True)
class GenreSize:
    """A genre of the catalogue in a run."""

    genre: str
    movies: int
    """Movies of the genre that have ratings in the run."""
    movies_ranked: int


def genre_sizes(curated: CuratedCatalogue) -> list[GenreSize]:
    """The genres with rated movies, in alphabetical order; hidden movies do not count."""
    ordering = curated.catalogue.orderings[RANKING]
    found = []
    for name in curated.catalogue.genres:
        shown = ordering.genres[name] & curated.shown[RANKING]
        if shown:
            ranked = (shown & ordering.ranked).bit_count()
            found.append(GenreSize(name, shown.bit_count(), ranked))
    return found
