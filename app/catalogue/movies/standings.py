"""The standing of a ranked movie among those of its genres and its decade."""

from dataclasses import dataclass

from app.catalogue.catalogue import Catalogue
from app.catalogue.columns import NONE
from app.catalogue.orders import RANKING


@dataclass(frozen=True, slots=True)
class Standing:
    """A rank among some of the ranked movies. Hidden ones count, as they do in every rank."""

    rank: int
    of: int

    @property
    def better_than(self) -> int:
        """Percent of the movies, rounded down."""
        return 100 * (self.of - self.rank) // self.of


def standing(catalogue: Catalogue, row: int, among: int) -> Standing | None:
    """The movie's standing among a set of places that includes its own; None without a rank."""
    if catalogue.columns.rank[row] == NONE:
        return None
    ordering = catalogue.orderings[RANKING]
    ranked = ordering.ranked & among
    better = ranked & ((1 << ordering.places[row]) - 1)
    return Standing(better.bit_count() + 1, ranked.bit_count())


def overall_standing(catalogue: Catalogue, row: int) -> Standing | None:
    """Among all ranked movies; None without a rank."""
    return standing(catalogue, row, catalogue.orderings[RANKING].ranked)


def genre_standings(catalogue: Catalogue, row: int) -> dict[str, Standing | None]:
    """Genre -> the movie's standing in it; None without a rank."""
    sets = catalogue.orderings[RANKING].genres
    names = catalogue.columns.genre_names(row)
    return {name: standing(catalogue, row, sets[name]) for name in names}


def decade_standing(catalogue: Catalogue, row: int) -> tuple[int, Standing | None] | None:
    """(first year of the decade, standing in it); None without a year."""
    columns = catalogue.columns
    year = (columns.year if columns.is_rated(row) else columns.catalogue_years)[row]
    if year == NONE:
        return None
    decade = year - year % 10
    among = catalogue.of_years(decade, decade + 9, RANKING)
    return decade, standing(catalogue, row, among)
