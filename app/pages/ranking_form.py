"""The form of the ranking's page: the values as they were typed, and what is wrong with it."""

from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from app.web.field_errors import LABELS, LONGEST_SHOWN, FieldError
from app.web.parameters import PageRankingParams

ORDERS = {
    "weighted_rating": _("Weighted rating"),
    "avg_rating": _("Mean"),
    "rating_count": _("Number of ratings"),
    "year": _("Year, newest first"),
    "lower_bound": _("Lower bound of the weighted rating"),
    "trending": _("Rising of late"),
}
SIZES = (20, 50, 100)


@dataclass(frozen=True)
class Field:
    """A field's value, and sentences about it."""

    label: str
    value: str
    errors: list[str]


@dataclass(frozen=True)
class RankingForm:
    """`genre` and `without` are the first of each kind, `further` are (value, is wanted, name)."""

    fields: dict[str, Field]
    errors: list[FieldError]
    genre: str = ""
    without: str = ""
    further: list[tuple[str, bool, str]] = field(default_factory=list)

    @property
    def order(self) -> str:
        """The chosen order; the default one where what was typed is none."""
        given = self.fields["order"].value
        return given if given in ORDERS else next(iter(ORDERS))

    @property
    def sizes(self) -> list[tuple[str, int, bool]]:
        """(value, size, whether it is chosen); the default one needs no value."""
        default = PageRankingParams().limit
        given = self.fields["limit"].value
        chosen = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else default
        sizes = sorted({*SIZES, chosen} if 1 <= chosen <= 100 else SIZES)
        return [("" if n == default else str(n), n, n == chosen) for n in sizes]

    @property
    def elsewhere(self) -> list[str]:
        """Sentences about what has no field in the form."""
        return [one.sentence for one in self.errors if one.field not in self.fields]


def ranking_form(typed: QueryDict, errors: list[FieldError]) -> RankingForm:
    """The form as it was sent."""
    fields = {
        name: Field(
            label=str(label),
            value=typed.get(name, "")[:LONGEST_SHOWN],
            errors=[one.sentence for one in errors if one.field == name],
        )
        for name, label in LABELS.items()
        if name not in ("offset", "run", "version", "language")
    }
    genres = [name[:LONGEST_SHOWN] for name in dict.fromkeys(typed.getlist("genre")) if name]
    wanted = [name for name in genres if not name.startswith("-")]
    unwanted = [name for name in genres if name.startswith("-")]
    further = [(name, True, name) for name in wanted[1:]]
    further += [(name, False, name[1:]) for name in unwanted[1:]]
    return RankingForm(
        fields=fields,
        errors=errors,
        genre=wanted[0] if wanted else "",
        without=unwanted[0][1:] if unwanted else "",
        further=further,
    )
