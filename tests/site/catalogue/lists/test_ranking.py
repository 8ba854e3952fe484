"""Lists of movies that often tie, against a list made by filtering and sorting dictionaries."""

import random

import pytest

from app.catalogue.errors import UnknownGenre
from app.catalogue.lists.ranking import MovieFilter, top_movies
from app.catalogue.orders import ORDERS
from app.catalogue.search import search_words
from tests.site.catalogue.catalogues import curated

COLUMNS = {
    "weighted_rating": "score", "avg_rating": "mean", "rating_count": "count", "year": "year",
    "lower_bound": "lower", "trend": "trend",
}  # fmt: skip
HIDDEN = (40, 41)
PINS = ((2, 77), (2, 90), (5, 3), (6, 13), (60, 14))
FILTERS = [
    {},
    {"min_ratings": 0},
    {"min_ratings": 60},
    {"genres": ("War", "Drama")},
    {"without_genres": ("War",), "min_ratings": 0},
    {"genres": ("Drama",), "without_genres": ("War",), "year_from": 1990},
    {"year_from": 1985, "year_to": 1995},
    {"year_to": 1985},
    {"year_from": 1995, "year_to": 1985},
    {"words": "even", "min_ratings": 0},
    {"words": "movie", "genres": ("War",)},
    {"words": "7"},
    {"words": "!"},
]


def make_movies():
    chance, movies = random.Random(1), {}
    for n in range(1, 121):
        movies[n] = {
            "title": f"Movie {n} {'odd' if n % 2 else 'even'}",
            "genres": [name for name in ("War", "Drama") if chance.random() < 0.4],
            "year": chance.choice([None, *range(1980, 2000)]),
            "mean": chance.randint(1, 9) / 2,
            "score": chance.randint(1, 9) / 2,
            "lower": chance.randint(1, 9) / 2,
            "trend": chance.randint(0, 9) / 2,
        }
        if n % 10:
            movies[n]["count"] = chance.randint(45, 65)
    return movies


def passes(movie, wanted):
    years = (wanted.year_from, wanted.year_to)
    words = search_words(movie["title"])
    return (
        "count" in movie
        and (not wanted.genres or set(wanted.genres) & set(movie["genres"]))
        and not set(wanted.without_genres) & set(movie["genres"])
        and (
            years == (None, None) or (years[0] or 0) <= (movie["year"] or -1) <= (years[1] or 9999)
        )
        and (wanted.words is None or any(word.startswith(wanted.words) for word in words))
    )


def expected(movies, wanted, order):
    """The list by Python's means; its pins are put in one after the other."""
    found = {n: movie for n, movie in movies.items() if n not in HIDDEN and passes(movie, wanted)}
    floor = 50 if wanted.min_ratings is None else wanted.min_ratings
    ids = [n for n, movie in found.items() if movie["count"] >= floor]
    for column in reversed(ORDERS[order]):
        ids.sort(key=lambda n, c=COLUMNS[column]: found[n][c] or 0, reverse=True)
    if order != "weighted_rating":
        return ids
    pinned = [pin for pin in PINS if pin[1] in found]
    pinned = [pin for pin in pinned if found[pin[1]]["count"] >= (wanted.min_ratings or 0)]
    taken, length = {}, len(ids)
    for position, n in pinned:
        index = max([position - 1, *(place + 1 for place in taken)])
        if index < length + (n not in ids):
            taken[index], length = n, length + (n not in ids)
    others = iter([n for n in ids if n not in taken.values()])
    return [taken[index] if index in taken else next(others) for index in range(length)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_a_list_is_filtered_sorted_and_pinned(order, filters):
    movies, wanted = make_movies(), MovieFilter(**filters)
    catalogue = curated(movies, hidden=HIDDEN, pins=PINS)
    pages = [
        top_movies(catalogue, wanted, order=order, limit=7, offset=offset)
        for offset in range(0, 140, 7)
    ]
    ids = [movie.movie_id for page in pages for movie in page.movies]
    assert ids == expected(movies, wanted, order)
    assert {page.count for page in pages} == {len(ids)}


def test_an_entry_says_all_of_its_movie():
    movie = {"title": "M", "year": 1931, "genres": ["Thriller", "Crime"], "count": 60, "mean": 4.5,
             "score": 4.2, "rank": 1}  # fmt: skip
    (found,) = top_movies(curated({7: movie})).movies
    assert found.genres == ("Crime", "Thriller")
    assert (found.position, found.pinned, found.rank, found.movie_id) == (1, False, 1, 7)
    assert (found.title, found.year, found.rating_count) == ("M", 1931, 60)
    assert (found.avg_rating, found.weighted_rating) == (4.5, 4.2)


def test_a_list_says_what_its_scores_are():
    movie = {"count": 60, "score": 4.2, "lower": 4.0, "upper": 4.4, "trend": 7.5}
    (found,) = top_movies(curated({7: movie}), order="lower_bound").movies
    assert (found.source, found.score, found.reasons, found.rest) == ("ranking", 4.2, [], 4.2)
    assert (found.lower_bound, found.upper_bound, found.trend) == (4.0, 4.4, 7.5)
    (found,) = top_movies(curated({7: movie}), order="trending").movies
    assert (found.source, found.score, found.rest) == ("trending", 7.5, 7.5)


@pytest.mark.parametrize("order", ["lower_bound", "trending"])
def test_a_run_without_what_an_order_goes_by_has_its_ranking_instead(order):
    movies = {1: {"count": 90, "score": 3.0}, 2: {"count": 60, "score": 4.0}}
    found = top_movies(curated(movies), order=order).movies
    assert [(movie.movie_id, movie.source) for movie in found] == [(2, "ranking"), (1, "ranking")]


def test_a_genre_that_nobody_knows_is_named_with_those_that_are():
    catalogue = curated({1: {"genres": ["War"]}, 2: {"genres": ["Drama"]}})
    for filters, name in [({"genres": ("war",)}, "war"), ({"without_genres": ("war",)}, "-war")]:
        with pytest.raises(UnknownGenre) as error:
            top_movies(catalogue, MovieFilter(**filters))
        assert (error.value.genres, error.value.known) == ((name,), ("Drama", "War"))


def test_a_catalogue_without_movies_has_an_empty_list():
    found = top_movies(curated({}), MovieFilter(year_from=1990, min_ratings=3, words="a"))
    assert (found.count, found.movies) == (0, [])
