"""Where pinned movies stand."""

import pytest

from app.catalogue.decisions import Decisions, Pin, honoured
from app.catalogue.lists.ranking import MovieFilter, top_movies
from tests.site.catalogue.catalogues import curated

TEN = {n: {"count": 100, "score": 5 - n / 10, "rank": n} for n in range(1, 11)}


def shown(catalogue, **filters):
    found = top_movies(catalogue, MovieFilter(**filters))
    assert [movie.position for movie in found.movies] == list(range(1, found.count + 1))
    return [movie.movie_id for movie in found.movies]


@pytest.mark.parametrize(
    ("positions", "length", "indices"),
    [
        ([], 5, []),
        ([1], 5, [0]),
        ([3, 4], 5, [2, 3]),
        ([2, 2, 2], 5, [1, 2, 3]),
        ([1, 1, 2], 5, [0, 1, 2]),
        ([5, 5], 5, [4]),
        ([6], 5, []),
        ([2, 100], 5, [1]),
    ],
)
def test_pins_take_their_positions_or_the_next_free_one(positions, length, indices):
    pins = [Pin(position, place, ranks=True) for place, position in enumerate(positions)]
    assert [index for index, _ in honoured(pins, length)] == indices


def test_a_pin_below_the_floor_makes_the_list_longer():
    pins = [Pin(1, 0, ranks=False), Pin(6, 9, ranks=False), Pin(9, 8, ranks=False)]
    assert [index for index, _ in honoured(pins, 4)] == [0, 5]


def test_a_pinned_movie_stands_at_its_position_and_the_others_close_up():
    assert shown(curated(TEN, pins=((2, 9),))) == [1, 9, 2, 3, 4, 5, 6, 7, 8, 10]


def test_a_pin_past_the_end_leaves_the_movie_where_it_ranks():
    catalogue = curated(TEN, pins=((11, 4),))
    assert shown(catalogue) == list(range(1, 11))
    assert not any(movie.pinned for movie in top_movies(catalogue).movies)


def test_a_pin_past_the_end_brings_no_movie_in_that_has_too_few_ratings():
    few = TEN | {11: {"count": 3}}
    assert shown(curated(few, pins=((12, 11),))) == list(range(1, 11))
    assert shown(curated(few, pins=((11, 11),))) == list(range(1, 12))


def test_a_hidden_movie_is_gone_also_where_it_is_the_only_one():
    assert shown(curated({1: TEN[1]}, hidden=(1,))) == []


def test_pins_of_movies_without_ratings_and_of_none_do_nothing():
    catalogue = curated(TEN | {11: {}}, pins=((1, 11), (2, 99)), hidden=(77,))
    assert shown(catalogue) == list(range(1, 11))


def test_equal_decisions_have_equal_digests():
    assert Decisions(frozenset([3, 1])).digest == Decisions(frozenset([1, 3])).digest
    assert Decisions(frozenset([1])).digest != Decisions(frozenset(), ((1, 1),)).digest
