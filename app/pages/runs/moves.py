"""What entered a ranking, climbed, fell and left, for pages and the feed."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.lists.comparison import Change, Comparison, Move, moves

KINDS = {
    "entered": _("Entered"),
    "climbed": _("Climbed"),
    "fell": _("Fell"),
    "left": _("Left"),
}
"""In the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class Moves:
    """The movies that moved in one way: how many there are, and some of them."""

    kind: str
    label: str
    count: int
    shown: list[Move]


def changes(found: Comparison, kind: str) -> list[Change]:
    """Those of one kind."""
    by_name = {
        "entered": found.entered,
        "climbed": found.climbed,
        "fell": found.fell,
        "left": found.left,
    }
    return by_name[kind]


def by_kind(
    found: Comparison, before: CuratedCatalogue, after: CuratedCatalogue, *, most: int
) -> list[Moves]:
    """All kinds, at most `most` movies of each."""
    return [
        Moves(kind, str(label), len(some), moves(before, after, some[:most]))
        for kind, label in KINDS.items()
        for some in [changes(found, kind)]
    ]
