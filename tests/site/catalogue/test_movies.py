"""One movie, the sizes of genres, and what differs between two runs."""

import pytest

from app.catalogue.comparison import compare, moves
from app.catalogue.errors import MovieNotFound
from app.catalogue.movies import GenreSize, genre_sizes, movie_detail
from tests.site.catalogue.movies import MOMENT, curated


def test_the_terms_of_a_score_add_up():
    found = movie_detail(curated({1: {"count": 150, "mean": 4.0, "score": 4.05, "rank": 3}}), 1)
    assert (found.half_star_counts["4.0"], found.last_rated_at) == (150, MOMENT)
    explained = found.explanation
    assert (explained.n, explained.m, explained.weight) == (150, 50.0, 0.75)
    assert (explained.rank, explained.previous_rank, explained.rank_change) == (3, None, None)


def test_a_movie_without_ratings_has_nothing_to_explain():
    found = movie_detail(curated({1: {"title": "M", "year": 1931}}), 1)
    assert (found.title, found.year, found.last_rated_at, found.explanation) == (
        "M", 1931, None, None
    )  # fmt: skip
    assert sum(found.half_star_counts.values()) == 0


@pytest.mark.parametrize("movie_id", [0, 2, 99])
def test_hidden_movies_and_others_that_there_are_not_are_not_found(movie_id):
    with pytest.raises(MovieNotFound):
        movie_detail(curated({1: {}, 2: {"count": 9}, 3: {}}, hidden=(2,)), movie_id)


def test_genres_count_the_movies_that_are_rated_and_shown():
    movies = {
        1: {"genres": ["War"], "count": 60, "rank": 1},
        2: {"genres": ["War", "Drama"], "count": 3},
        3: {"genres": ["Drama"], "count": 60, "rank": 2},
        4: {"genres": ["Western"]},
    }
    catalogue = curated(movies, hidden=(3,))
    assert genre_sizes(catalogue) == [GenreSize("Drama", 1, 0), GenreSize("War", 2, 1)]


def test_what_entered_left_and_moved():
    def ranked(**ranks):
        rated = {int(n[1:]): {"count": 60, "rank": rank} for n, rank in ranks.items()}
        return {n: {} for n in range(1, 8)} | rated

    before = curated(ranked(_1=1, _2=2, _3=3, _4=4, _5=5))
    after = curated(ranked(_6=1, _2=2, _1=3, _4=9, _7=4), hidden=(7,))
    found = compare(before, after)
    assert found.entered == [(6, None, 1)]
    assert found.left == [(3, 3, None), (5, 5, None)]
    assert found.moved == [(4, 4, 9), (1, 1, 3)]
    shown = moves(before, after, found.changes[2:5])
    assert [(m.movie_id, m.title, m.change) for m in shown] == [
        (5, "Movie 5", None), (4, "Movie 4", -5), (1, "Movie 1", -2)
    ]  # fmt: skip
