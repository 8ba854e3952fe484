"""The form on the ranking's page: the values as they were typed, and what is wrong with them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from app.pages.genres import genre_name
from app.web.field_errors import LABELS, LONGEST_SHOWN, FieldError
from app.web.parameters import RankingPageParams

ORDERS = {
    "weighted_rating": _("Weighted rating"),
    "avg_rating": _("Mean"),
    "rating_count": _("Number of ratings"),
    "year": _("Year, newest first"),
    "lower_bound": _("Lower bound of the weighted rating"),
    "trending": _("Rising of late"),
}
SIZES = (20, 50, 100)
FIELDS = ("q", "genre", "year_from", "year_to", "min_ratings", "order", "limit")
FURTHER = FIELDS[2:]
"""The fields under 'More filters'."""


@dataclass(frozen=True)
class Field:
    """A field's value, and sentences about it."""

    label: str
    value: str
    errors: list[str]


@dataclass(frozen=True)
class GenreChip:
    """A checkbox for a genre, or with a minus for leaving it out."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class RankingForm:
    """What the template shows."""

    fields: dict[str, Field]
    errors: list[FieldError]
    chosen: tuple[str, ...] = ()
    """Genres as they were given, including unknown ones."""

    @property
    def order(self) -> str:
        """The chosen order; the default one if it is unknown."""
        given = self.fields["order"].value
        return given if given in ORDERS else next(iter(ORDERS))

    @property
    def sizes(self) -> list[tuple[str, int, bool]]:
        """(value, size, whether it is chosen); the default one needs no value."""
        default = RankingPageParams().limit
        given = self.fields["limit"].value
        chosen = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else default
        sizes = sorted({*SIZES, chosen} if 1 <= chosen <= 100 else SIZES)
        return [("" if n == default else str(n), n, n == chosen) for n in sizes]

    @property
    def elsewhere(self) -> list[str]:
        """Sentences about parameters that have no field in the form."""
        return [one.sentence for one in self.errors if one.field not in self.fields]

    @property
    def is_open(self) -> bool:
        """Whether something under 'More filters' is set or invalid; decades are elsewhere."""
        further = [self.fields[name] for name in FURTHER]
        if any(field.errors for field in further) or any(name[0] == "-" for name in self.chosen):
            return True
        first, last = self.fields["year_from"].value, self.fields["year_to"].value
        years = set() if is_decade(first, last) else {first, last}
        return any({field.value for field in further[2:]} | years)

    def wanted(self, genres: Iterable[str]) -> list[GenreChip]:
        """A chip for each genre; requested ones, even if unknown, come first."""
        given = [name for name in self.chosen if not name.startswith("-")]
        return _chips(genres, given, sign="")

    def unwanted(self, genres: Iterable[str]) -> list[GenreChip]:
        """The same for genres to leave out."""
        given = [name[1:] for name in self.chosen if name.startswith("-")]
        return _chips(genres, given, sign="-")


def _chips(genres: Iterable[str], given: list[str], sign: str) -> list[GenreChip]:
    # On a phone the row is wider than the screen, and active filters have to be visible.
    names = dict.fromkeys((*given, *genres))
    return [GenreChip(f"{sign}{name}", genre_name(name), name in given) for name in names]


def is_decade(first: str, last: str) -> bool:
    """Whether these years are the first and the last of a decade."""
    return first[3:] == "0" and last == f"{first[:3]}9"


def ranking_form(typed: QueryDict, errors: list[FieldError]) -> RankingForm:
    """The form as it was sent."""
    fields = {
        name: Field(
            label=str(LABELS[name]),
            value=typed.get(name, "")[:LONGEST_SHOWN],
            errors=[one.sentence for one in errors if one.field == name],
        )
        for name in FIELDS
    }
    chosen = dict.fromkeys(name[:LONGEST_SHOWN] for name in typed.getlist("genre") if name)
    return RankingForm(fields=fields, errors=errors, chosen=tuple(chosen))
