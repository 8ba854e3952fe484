"""Each reason code has a row that earns it, and no row disappears."""

import pytest
from pyspark.sql import functions as F

from spark_jobs import validate
from spark_jobs.files import find_input
from spark_jobs.read import read_movies, read_ratings
from tests.job.conftest import movie, rating

REJECTED_RATINGS = {
    "1,1,4.0": "malformed",
    "1,1,4.0,5,6": "malformed",
    "1,1,,5": "malformed",
    "1,1,NaN,5": "malformed",
    "1,1,Inf,5": "malformed",
    "1,1,1e0,5": "malformed",
    "1,1, 4.5,5": "malformed",
    "1,1,good,5": "malformed",
    "1,1,６,5": "malformed",
    "x,1,4.0,5": "bad_id",
    "0,1,4.0,5": "bad_id",
    "1,-1,4.0,5": "bad_id",
    "1,1.0,4.0,5": "bad_id",
    "1,99999999999999999999,4.0,5": "bad_id",
    "1,2147483648,4.0,5": "bad_id",
    "1,1,0,5": "rating_out_of_range",
    "1,1,6.0,5": "rating_out_of_range",
    "1,1,-1,5": "rating_out_of_range",
    "1,1,5.5,5": "rating_out_of_range",
    "1,1,3.7,5": "not_half_star",
    "1,1,4.0,": "bad_timestamp",
    "1,1,4.0,-5": "bad_timestamp",
    "1,1,4.0,1.5": "bad_timestamp",
    "1,1,4.0,964982703000": "bad_timestamp",
    "1,7,4.0,5": "unknown_movie",
}
REJECTED_MOVIES = {
    "5,Alien (1979)": "malformed",
    "5,Alien, The (1979),Horror": "malformed",
    "x,Alien (1979),Horror": "bad_id",
    "0,Alien (1979),Horror": "bad_id",
    "5,,Horror": "missing_title",
    f"5,{'long' * 64} (1979),Horror": "title_too_long",
    f"5,Alien (1979),{'g' * 65}": "genre_too_long",
}


@pytest.fixture
def judge(spark, write_input):
    """The verdicts over the given rows: (movies, ratings)."""

    def judge(movies, ratings):
        found = find_input(spark, str(write_input(movies, ratings)))
        judged = validate.validate_movies(read_movies(spark, found.movies))
        known = validate.accepted(judged)
        return judged, validate.validate_ratings(read_ratings(spark, found.ratings), known)

    return judge


def reasons(frame):
    return {row.raw: row.reason for row in frame.collect()}


def test_every_rejected_rating_has_its_reason_and_its_text(judge):
    _, ratings = judge([movie()], [*REJECTED_RATINGS, rating()])
    assert reasons(ratings) == REJECTED_RATINGS | {rating(): None}


def test_every_rejected_movie_has_its_reason_and_its_text(judge):
    movies, _ = judge([*REJECTED_MOVIES, movie()], [])
    assert reasons(movies) == REJECTED_MOVIES | {movie(): None}


def test_every_reason_is_documented_and_tested():
    tested = {*REJECTED_RATINGS.values(), *REJECTED_MOVIES.values(), "duplicate_movie"}
    assert tested == set(validate.REASONS)


@pytest.mark.parametrize("stars", ["0.5", "5", "5.0", "4", "4.50", "3.5"])
def test_all_ways_to_write_a_half_star_count(judge, stars):
    _, ratings = judge([movie()], [rating(stars=stars)])
    assert [row.half_stars for row in ratings.collect()] == [round(float(stars) * 2)]


def test_of_a_repeated_movie_id_the_first_title_counts_wherever_it_stands(judge):
    rows = [movie(1, "Beta (1990)"), movie(1, "Alpha (1991)"), movie(1, "Gamma (1989)")]
    for order in (rows, rows[::-1]):
        movies, _ = judge(order, [])
        assert [row.title for row in validate.accepted(movies).collect()] == ["Alpha"]
        assert validate.verdicts(movies, rows=F.lit(1)) == validate.Verdicts(
            1, {"duplicate_movie": 2}
        )


def test_two_movies_may_share_a_title(judge):
    movies, _ = judge([movie(1, "Emma (1996)"), movie(2, "Emma (1996)")], [])
    assert validate.verdicts(movies, rows=F.lit(1)) == validate.Verdicts(2, {})


def test_a_rating_of_a_rejected_movie_is_of_an_unknown_movie(judge):
    _, ratings = judge(["1,,Horror"], [rating()])
    assert validate.verdicts(ratings, rows=F.lit(1)) == validate.Verdicts(0, {"unknown_movie": 1})


def test_missing_genres_are_none_and_repeated_ones_one(judge):
    movies, _ = judge(
        [movie(1, genres="(no genres listed)"), movie(2, genres=""), movie(3, genres="War|War| ")],
        [],
    )
    assert {row.movie_id: row.genres for row in movies.collect()} == {1: [], 2: [], 3: ["War"]}


def test_the_sample_of_rejected_rows_is_bounded_by_reason(judge):
    bad = [rating(stars=6 + n) for n in range(5)] + [rating(movie=7)]
    _, ratings = judge([movie()], bad)
    sample = validate.sample(validate.rejected(ratings), per_reason=2).collect()
    assert sorted((row.reason, row.raw, row.file) for row in sample) == [
        ("rating_out_of_range", "1,1,10,1000000", "ratings.csv"),
        ("rating_out_of_range", "1,1,6,1000000", "ratings.csv"),
        ("unknown_movie", "1,7,4.0,1000000", "ratings.csv"),
    ]
