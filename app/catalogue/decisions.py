"""What curators decided, as far as lists depend on it."""

from dataclasses import dataclass

from app.catalogue.digest import digest


@dataclass(frozen=True, slots=True)
class Decisions:
    """The hidden movies, and (position, movie id) of the pinned ones in the order of both."""

    hidden: frozenset[int] = frozenset()
    pins: tuple[tuple[int, int], ...] = ()

    @property
    def digest(self) -> str:
        """Equal decisions have equal digests, whatever led to them."""
        return digest(repr((sorted(self.hidden), self.pins)))


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
