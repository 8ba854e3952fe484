"""What curators decided, as far as lists depend on it."""

from dataclasses import dataclass

from app.catalogue.digest import digest


@dataclass(frozen=True, slots=True)
class Decisions:
    """In force: the hidden movies, (position, movie id) of the pinned ones in the order of both,
    and (movie id, text) of public notes by ascending ids, but for those of hidden movies."""

    hidden: frozenset[int] = frozenset()
    pins: tuple[tuple[int, int], ...] = ()
    notes: tuple[tuple[int, str], ...] = ()

    @property
    def digest(self) -> str:
        """Equal decisions have equal digests, whatever led to them."""
        return digest(repr((sorted(self.hidden), self.pins, self.notes)))

    @property
    def counts(self) -> "DecisionCounts":
        return DecisionCounts(hidden=len(self.hidden), pinned=len(self.pins), notes=len(self.notes))

    def note_of(self, movie_id: int) -> str | None:
        """What readers are told of a movie."""
        return next((text for id_, text in self.notes if id_ == movie_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCounts:
    """How many decisions of curators are in force."""

    hidden: int
    """Movies that no list has."""
    pinned: int
    """Movies that stand at a position of their own."""
    notes: int
    """Movies with a public note."""

    @property
    def any(self) -> bool:
        return bool(self.hidden or self.pinned or self.notes)


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned movie that fits a list.

    `place` is where it stands in the order of the list, `ranks` whether it would be listed
    without its pin, too.
    """

    position: int
    place: int
    ranks: bool


def honoured(pins: list[Pin], length: int) -> list[tuple[int, Pin]]:
    """(index from 0, pin) of the pins that a list can honour; it has `length` movies without them.

    `pins` come by ascending positions. A position that is taken goes to the next free one. One
    past the end is not honoured: the movie stays where it ranks.
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
