"""Well-known movies for a range of tastes, for visitors who have yet to name any."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from app.catalogue.bitsets import members
from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.lists.ranking import ListedMovie, listed_movie

SIZE = 24
BEST_KNOWN = 40
"""How many movies of a genre are considered."""
MOST_OF_A_DECADE = 6
NO_GENRE = "(no genres listed)"


def starter_set(curated: CuratedCatalogue, size: int = SIZE) -> list[ListedMovie]:
    """The best-known movie of each genre in turn that people like, not too many of one decade.

    Genres come in order of size. If the run has models, something follows from each of the movies.
    """
    rows = islice(_in_turn(curated), size)
    return [
        listed_movie(curated.catalogue, row, position, source="ranking")
        for position, row in enumerate(rows, start=1)
    ]


def _in_turn(curated: CuratedCatalogue) -> Iterator[int]:
    years = curated.catalogue.columns.year
    waiting = [iter(_well_known(curated, name)) for name in _genres(curated)]
    taken, decades = set[int](), Counter[int]()
    while waiting:
        for rows in list(waiting):
            fitting = (
                row
                for row in rows
                if row not in taken and decades[years[row] // 10] < MOST_OF_A_DECADE
            )
            row = next(fitting, None)
            if row is None:
                waiting.remove(rows)
                continue
            taken.add(row)
            decades[years[row] // 10] += 1
            yield row


def _genres(curated: CuratedCatalogue) -> list[str]:
    sets = curated.catalogue.orderings["rating_count"].genres
    names = (name for name in sets if name != NO_GENRE)
    return sorted(names, key=lambda name: (-sets[name].bit_count(), name))


def _well_known(curated: CuratedCatalogue, genre: str) -> list[int]:
    """The rows of the most rated movies of a genre that are rated above the mean."""
    catalogue = curated.catalogue
    ordering, columns = catalogue.orderings["rating_count"], catalogue.columns
    places = members(ordering.genres[genre] & curated.shown["rating_count"], 0, BEST_KNOWN)
    rows = [ordering.rows[place] for place in places]
    return [
        row
        for row in rows
        if columns.weighted_rating[row] >= catalogue.run.prior_mean and _can_help(curated, row)
    ]


def _can_help(curated: CuratedCatalogue, row: int) -> bool:
    models = curated.catalogue.models
    return not curated.catalogue.run.has_models or models.has_weights_from(row)
