"""Curators' decisions, as far as lists depend on them."""

from dataclasses import dataclass

from app.catalogue.digest import digest


@dataclass(frozen=True, slots=True)
class Decisions:
    """In force: the hidden movies, sorted (position, movie id) pairs of the pinned ones, and
    (movie id, text) of public notes in ascending order of ids, except those of hidden movies."""

    hidden: frozenset[int] = frozenset()
    pins: tuple[tuple[int, int], ...] = ()
    notes: tuple[tuple[int, str], ...] = ()

    @property
    def digest(self) -> str:
        """Equal decisions have equal digests, however they came about."""
        return digest(repr((sorted(self.hidden), self.pins, self.notes)))

    @property
    def counts(self) -> "DecisionCounts":
        return DecisionCounts(hidden=len(self.hidden), pinned=len(self.pins), notes=len(self.notes))

    def note_of(self, movie_id: int) -> str | None:
        """The public note about a movie."""
        return next((text for id_, text in self.notes if id_ == movie_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCounts:
    """How many curators' decisions are in force."""

    hidden: int
    """Movies that are in no list."""
    pinned: int
    """Movies at a fixed position."""
    notes: int
    """Movies with a public note."""

    @property
    def any(self) -> bool:
        return bool(self.hidden or self.pinned or self.notes)


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned movie that belongs in a list.

    `place` is its place in the order of the list, `ranks` whether it would be listed even without
    its pin.
    """

    position: int
    place: int
    ranks: bool


def honoured(pins: list[Pin], length: int) -> list[tuple[int, Pin]]:
    """(index from 0, pin) of the pins that a list can honour; it has `length` movies without them.

    `pins` come in ascending order of positions. If a position is taken, the movie gets the next
    free one. One past the end is not honoured: the movie stays where it ranks.
    """
    found: list[tuple[int, Pin]] = []
    free = 0
    for pin in pins:
        index = max(pin.position - 1, free)
        longer = length + (not pin.ranks)
        if index < longer:
            found.append((index, pin))
            free, length = index + 1, longer
    return found
