"""Sets of places as integers, against Python's own sets."""

import random

import pytest

from app.catalogue.bitsets import Prefixes, bitset, members


@pytest.mark.parametrize("size", [1, 7, 8, 9, 600, 5_000])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_a_page_of_a_set_is_what_slicing_its_sorted_members_gives(size, share):
    chance = random.Random(size)
    places = [place for place in range(size) if chance.random() < share]
    bits = bitset(places, size)
    assert bits.bit_count() == len(places)
    for start, stop in [(0, 0), (0, 5), (3, 20), (500, 530), (0, size), (size, size + 9)]:
        assert members(bits, start, stop) == places[start:stop]


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1_000])
def test_prefixes_are_the_first_of_one_order_in_another(size):
    order = random.Random(size).sample(range(size), size)
    prefixes = Prefixes.of(order)
    for n in range(size + 1):
        assert prefixes.first(n) == bitset(order[:n], size)
    assert prefixes.between(size // 3, size // 2) == bitset(order[size // 3 : size // 2], size)
