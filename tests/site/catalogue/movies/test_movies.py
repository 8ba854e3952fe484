"""One movie, the sizes of genres, and what differs between two runs."""

import pytest

from app.catalogue.errors import MovieNotFound
from app.catalogue.lists.comparison import compare, moves
from app.catalogue.lists.genres import GenreSize, genre_sizes
from app.catalogue.movies.detail import movie_detail
from app.catalogue.recommendations.similar import similar_movies
from tests.site.catalogue.catalogues import MOMENT, curated


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


def test_a_movie_has_its_rank_in_each_of_its_genres():
    movies = {
        1: {"genres": ["War"], "count": 60, "score": 4.5, "rank": 1},
        2: {"genres": ["Drama"], "count": 9, "score": 4.4},
        3: {"genres": ["War", "Drama"], "count": 60, "score": 4.3, "rank": 2},
        4: {"genres": ["Drama"], "count": 60, "score": 4.2, "rank": 3},
    }
    ranks = {n: movie_detail(curated(movies), n).explanation.genre_ranks for n in movies}
    assert ranks == {1: {"War": 1}, 2: {}, 3: {"Drama": 1, "War": 2}, 4: {"Drama": 2}}


def test_ratings_are_counted_by_month_and_by_year():
    months = [(0, 3), (11, 4), (12, 5), (584, 70_000)]
    found = movie_detail(curated({1: {"count": 9, "months": months}}), 1)
    assert found.months == {"1970-01": 3, "1970-12": 4, "1971-01": 5, "2018-09": 70_000}
    assert found.years == {"1970": 7, "1971": 5, "2018": 70_000}


def test_similar_movies_come_the_most_similar_first_without_hidden_ones():
    movies = {
        1: {"count": 9, "similar": [(4, 0.5, 8), (2, 0.25, 7), (99, 0.2, 3), (3, 0.125, 2)]},
        2: {"count": 9},
        3: {"count": 9, "title": "M", "year": 1931, "genres": ["Crime"]},
        4: {"count": 9},
    }
    two, three = similar_movies(curated(movies, hidden=(4,)), 1)
    assert (two.movie_id, two.position, two.lift, two.users) == (2, 1, 0.25, 7)
    assert (three.movie_id, three.position, three.title, three.genres) == (3, 2, "M", ("Crime",))
    assert similar_movies(curated(movies), 2) == []
    with pytest.raises(MovieNotFound):
        similar_movies(curated(movies, hidden=(1,)), 1)


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
