"""Where pinned movies stand."""

import pytest

from app.queries import pin_places


@pytest.mark.parametrize(
    ("positions", "others", "places"),
    [
        ([], 5, []),
        ([1], 5, [0]),
        ([3, 4], 5, [2, 3]),
        ([2, 2, 2], 5, [1, 2, 3]),
        ([1, 1, 2], 5, [0, 1, 2]),
        ([100], 5, [5]),
        ([100, 200], 5, [5, 6]),
        ([1, 9], 0, [0, 1]),
        ([2], 0, [0]),
    ],
)
def test_pins_take_their_positions_or_the_next_free_one(positions, others, places):
    assert pin_places(positions, others) == places
