"""Sets of places in a list as Python integers: bit n stands for place n.

This way unions, intersections and counts of 62,000 movies take microseconds.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import or_

WINDOW_BYTES = 64
MARKS = 64
BITS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))
"""The places in each byte."""


def bitset(places: Iterable[int], size: int) -> int:
    """The set of these places, each below `size`."""
    bits = bytearray(size // 8 + 1)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")


def containment(bits: int) -> Callable[[int], bool]:
    """A function that says whether the set has a place; a shift would copy the set each time."""
    data = bits.to_bytes(bits.bit_length() // 8 + 1, "little")

    def contains(place: int) -> bool:
        return place >> 3 < len(data) and bool(data[place >> 3] >> (place & 7) & 1)

    return contains


def members(bits: int, start: int, stop: int) -> list[int]:
    """The slice from `start` to `stop` of a set's places in ascending order."""
    found: list[int] = []
    data = bits.to_bytes(bits.bit_length() // 8 + 1, "little")
    passed = 0
    for at in range(0, len(data), WINDOW_BYTES):
        if passed >= stop:
            break
        window = data[at : at + WINDOW_BYTES]
        count = int.from_bytes(window, "little").bit_count()
        if passed + count > start:
            places = [n * 8 + bit for n, byte in enumerate(window, at) for bit in BITS[byte]]
            found += places[max(start - passed, 0) : stop - passed]
        passed += count
    return found


@dataclass(frozen=True, slots=True)
class Prefixes:
    """The first n entries of one order, as places in another order, for any n.

    The sets for MARKS values of n are kept; the few entries after a mark are added.
    """

    places: Sequence[int]
    """The places of the first order's entries in the other order."""
    marks: tuple[int, ...]
    step: int

    @classmethod
    def of(cls, places: Sequence[int]) -> "Prefixes":
        size, step = len(places), len(places) // MARKS + 1
        parts = (bitset(places[start : start + step], size) for start in range(0, size, step))
        return cls(array("i", places), tuple(accumulate(parts, or_, initial=0)), step)

    def first(self, n: int) -> int:
        """The set of the first n."""
        mark = n // self.step
        rest = self.places[mark * self.step : n]
        return self.marks[mark] | (bitset(rest, len(self.places)) if len(rest) else 0)

    def between(self, start: int, stop: int) -> int:
        """The set of the slice from `start` to `stop`."""
        return self.first(stop) & ~self.first(start)
