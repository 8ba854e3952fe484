"""Where pinned movies stand, and that each way to find a list finds the same."""

import random

import pytest

from app import lists
from app.edition import read_edition
from app.lists import pin_places
from app.parameters import Listing
from tests.site.factories import curate, make_movie, make_run, rate

FILTERS = [
    {},
    {"min_ratings": 0},
    {"min_ratings": 60},
    {"genre": ["War", "Drama"]},
    {"genre": ["-War"], "min_ratings": 0},
    {"genre": ["Drama", "-War"], "year_from": 1990},
    {"year_from": 1985, "year_to": 1995},
    {"q": "even", "min_ratings": 0},
    {"q": "movie", "genre": ["War"]},
    {"q": "7"},
]
PINNED = {3: 4, 4: 5, 12: 30, 60: 999, 77: 3}
"""Movie id -> position; some lists are shorter than the one, all than the other."""


@pytest.mark.parametrize(
    ("positions", "others", "places"),
    [
        ([], 5, []),
        ([1], 5, [0]),
        ([3, 4], 5, [2, 3]),
        ([2, 2, 2], 5, [1, 2, 3]),
        ([1, 1, 2], 5, [0, 1, 2]),
        ([6], 5, [5]),
        ([7], 5, [None]),
        ([7, 7], 5, [6, None]),
        ([1, 999], 5, [0, None]),
        ([1, 9], 0, [0, None]),
        ([2], 0, [None]),
    ],
)
def test_pins_take_their_positions_or_the_next_free_one_within_the_list(positions, others, places):
    assert pin_places([(position, True) for position in positions], others) == places


def test_a_movie_below_the_floor_makes_the_list_longer_only_where_its_pin_is_honoured():
    assert pin_places([(6, False), (7, False), (9, False)], 5) == [5, 6, None]
    assert pin_places([(8, False), (8, True)], 5) == [None, None]


@pytest.fixture
def rated():
    """(movie, row) of movies that often tie, some of them pinned or hidden."""
    run, chance, rows = make_run(), random.Random(1), []
    for n in range(1, 81):
        genres = tuple(name for name in ("War", "Drama") if chance.random() < 0.4)
        year = chance.choice([None, *range(1980, 2000)])
        movie = make_movie(n, f"Movie {n} {'odd' if n % 2 else 'even'}", year, genres)
        figures = {"rating_count": chance.randint(45, 65), "avg_rating": chance.randint(1, 9) / 2}
        rows.append((movie, rate(run, movie, chance.randint(1, 9) / 2, **figures)))
    for n, position in PINNED.items():
        curate(rows[n - 1][0], pinned_position=position)
    curate(rows[39][0], hidden=True)
    return rows


def belongs(asked, movie, row):
    """What `Listing` says, in other words than SQL's."""
    genres = {genre.genre for genre in movie.genres.all()}
    wanted = {name for name in asked.genre if name[0] != "-"}
    unwanted = {name[1:] for name in asked.genre if name[0] == "-"}
    years = (asked.year_from or 0, asked.year_to or 9999)
    return (
        (not wanted or genres & wanted)
        and not genres & unwanted
        and (years == (0, 9999) or years[0] <= (movie.year or -1) <= years[1])
        and (asked.q is None or f" {asked.q}" in movie.search_title)
        and row.rating_count >= (asked.min_ratings or 0)
        and movie.movie_id != 40
    )


def listed(asked, rated):
    """The list, by Python's means."""
    pinned = list(PINNED) if asked.order == "weighted_rating" else []
    floor = 50 if asked.min_ratings is None else asked.min_ratings
    rows = [row for movie, row in rated if belongs(asked, movie, row)]
    for name in reversed(lists.ORDERS[asked.order]):
        column, down = name.removeprefix("-"), name.startswith("-")
        rows.sort(key=lambda row, c=column: getattr(row, c) or 0, reverse=down)
    ranking = [row.movie_id for row in rows if row.rating_count >= floor]
    pins = sorted((PINNED[n], n) for n in pinned if n in [row.movie_id for row in rows])
    others = [movie_id for movie_id in ranking if movie_id not in pinned]
    places = pin_places([(position, n in ranking) for position, n in pins], len(others))
    placed = {n: place for (_, n), place in zip(pins, places, strict=True) if place is not None}
    ids = [movie_id for movie_id in ranking if movie_id not in placed]
    for n, place in placed.items():
        ids.insert(place, n)
    return ids


@pytest.mark.django_db
@pytest.mark.parametrize("movies_rated", [0, 10**9], ids=["along the index", "sorted"])
@pytest.mark.parametrize("few_titles", [0, 500])
@pytest.mark.parametrize("order", lists.ORDERS)
def test_each_way_finds_the_same(rated, order, movies_rated, few_titles, monkeypatch):
    monkeypatch.setattr(lists, "FEW_TITLES", few_titles)
    edition = read_edition()
    edition.run.movies_rated = movies_rated
    for filters in FILTERS:
        asked = Listing(order=order, **filters)
        of = lists.extent(edition, edition.run, asked)
        stretches = [
            lists.top_movies(edition, edition.run, asked.at(offset), of)
            for offset in range(0, 100, asked.limit)
        ]
        ids = [entry.movie_id for stretch in stretches for entry in stretch]
        assert ids == listed(asked, rated), filters
        assert of.count == len(ids)
