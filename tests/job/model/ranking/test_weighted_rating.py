"""The weighted rating against published values and against exact fractions."""

import csv
from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest

from spark_jobs.contract import HALF_STARS, half_star_column
from spark_jobs.input.files.find import find_input
from spark_jobs.input.files.splits import plan_splits
from spark_jobs.input.movies.catalogue import MovieIndex, movie_ids, read_movies
from spark_jobs.input.ratings.scan import scan_splits
from spark_jobs.model.aggregation.aggregate import count
from spark_jobs.model.aggregation.counts import NEVER, Counts, totals
from spark_jobs.model.aggregation.months import MonthCounts
from spark_jobs.model.ranking import weighted_rating as rank
from spark_jobs.store.tables import ranking_rows

PUBLISHED = {
    71: {318: 4.259306, 2959: 4.083427, 858: 4.076466, 260: 4.070219, 296: 4.066430},
    9: {318: 4.403417, 858: 4.253801, 2959: 4.242352, 1221: 4.210246, 50: 4.206639},
}


@pytest.fixture(scope="module")
def real_counts(movielens):
    """(movie ids, their counts)."""
    found = find_input(str(movielens))
    catalogue, _ = read_movies(found.movies)
    ids = movie_ids(catalogue)
    blocks = scan_splits(plan_splits("ratings", found.ratings), MovieIndex(ids))
    return ids, count(blocks, len(ids)).counts


@pytest.fixture(scope="module")
def real_ratings(movielens):
    """movie id -> its half-stars, read without Spark."""
    found = defaultdict(list)
    with (movielens / "ratings.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found[int(row["movieId"])].append(int(float(row["rating"]) * 2))
    return found


def counts(movies):
    """Half-star counts of a few movies: counts({movie_id: {half_stars: ratings}})."""
    ids = np.array(list(movies), np.int32)
    rows = [[by_stars.get(k, 0) for k in HALF_STARS] for by_stars in movies.values()]
    return ids, Counts(np.array(rows), np.zeros(len(ids), np.int64), MonthCounts.zero(len(ids)))


def ranked(counted, *, prior_mean=3.0, prior_weight=50.0, min_ratings=1):
    rows = rank.rank(
        *counted, prior_mean=prior_mean, prior_weight=prior_weight, min_ratings=min_ratings
    )
    return {row["movie_id"]: row for row in rows.to_pylist()}


def test_the_prior_mean_is_the_mean_of_all_ratings(real_counts):
    found = totals(real_counts[-1])
    assert (found.ratings, found.rated_movies) == (100_836, 9_724)
    assert found.mean == 353_083 / 100_836 == 3.501556983616962


@pytest.mark.parametrize("prior_weight", PUBLISHED)
def test_published_values_agree_to_six_decimals(real_counts, prior_weight):
    rows = ranked(
        real_counts,
        prior_mean=totals(real_counts[-1]).mean,
        prior_weight=prior_weight,
        min_ratings=prior_weight,
    )
    first = sorted((row for row in rows.values() if row["rank"]), key=lambda row: row["rank"])[:5]
    assert {row["movie_id"]: round(row["weighted_rating"], 6) for row in first} == PUBLISHED[
        prior_weight
    ]


def test_every_movie_agrees_with_exact_fractions(real_counts, real_ratings):
    total = Fraction(sum(map(sum, real_ratings.values())), 2)
    mean = total / sum(map(len, real_ratings.values()))
    rows = ranked(real_counts, prior_mean=float(mean), min_ratings=50)
    assert rows.keys() == real_ratings.keys()
    for movie_id, half_stars in real_ratings.items():
        n, stars = len(half_stars), Fraction(sum(half_stars), 2)
        row = rows[movie_id]
        assert row["rating_count"] == n
        assert abs(row["weighted_rating"] - (stars + 50 * mean) / (n + 50)) < 1e-12
        assert abs(row["avg_rating"] - stars / n) < 1e-12
        assert [row[half_star_column(k)] for k in HALF_STARS] == [
            Counter(half_stars)[k] for k in HALF_STARS
        ]


def test_ranks_are_dense_unique_and_in_the_stated_order(real_counts):
    rows = ranked(real_counts, prior_mean=3.501556983616962, min_ratings=50)
    eligible = [row for row in rows.values() if row["rating_count"] >= 50]
    eligible.sort(key=lambda row: (-row["weighted_rating"], -row["rating_count"], row["movie_id"]))
    assert [row["rank"] for row in eligible] == list(range(1, 451))
    assert all(row["rank"] is None for row in rows.values() if row["rating_count"] < 50)
    # Real ties: without the second and third key the order would be left to chance.
    assert len({row["weighted_rating"] for row in eligible}) < len(eligible)


def test_the_result_does_not_depend_on_the_order_of_movies(real_counts):
    arguments = {"prior_mean": 3.501556983616962, "min_ratings": 50}
    ids, found = real_counts
    shuffled = np.random.default_rng(1).permutation(len(ids))
    months = MonthCounts.zero(len(ids))  # of which ranks know nothing
    mixed = Counts(found.half_stars[shuffled], found.last_rated_at[shuffled], months)
    assert ranked((ids[shuffled], mixed), **arguments) == ranked(real_counts, **arguments)


def test_ties_go_to_more_ratings_then_to_the_lower_id():
    # With C = 3 every movie whose mean is 3 has the score 3, however many ratings it has.
    rows = ranked(counts({9: {6: 4}, 5: {6: 2}, 3: {6: 4}, 1: {5: 1, 7: 1}}))
    assert {row["weighted_rating"] for row in rows.values()} == {3.0}
    assert [movie for movie, row in sorted(rows.items(), key=lambda item: item[1]["rank"])] == [
        3, 9, 1, 5,
    ]  # fmt: skip


def test_few_ratings_are_drawn_to_the_prior_mean():
    rows = ranked(counts({1: {10: 1}, 2: {9: 200}}), prior_mean=3.5)
    assert rows[1]["weighted_rating"] == pytest.approx((5 + 50 * 3.5) / 51, abs=1e-15)
    assert rows[2]["rank"] == 1


def test_without_prior_weight_the_mean_is_left():
    rows = ranked(counts({1: {10: 1}, 2: {9: 200}}), prior_weight=0.0)
    assert [rows[1]["weighted_rating"], rows[2]["weighted_rating"]] == [5.0, 4.5]


def test_the_floor_takes_the_rank_and_nothing_else():
    rows = ranked(counts({1: {10: 49}, 2: {2: 50}}), min_ratings=50)
    assert (rows[1]["rank"], rows[2]["rank"]) == (None, 1)
    assert rows[1]["weighted_rating"] > rows[2]["weighted_rating"]


def test_a_rated_movie_has_the_year_of_the_catalogue():
    ids, counted = counts({1: {10: 1}, 2: {9: 1}, 3: {8: 1}, 4: {7: 1}})
    counted.last_rated_at[1] = NEVER  # the movie without ratings takes none away
    movies = pa.table({"movie_id": ids, "year": pa.array([1999, 1950, None, 2001], pa.int32())})
    table = rank.rank(ids, counted, prior_mean=3.0, prior_weight=50.0, min_ratings=1)
    rows = ranking_rows(table, movies).to_pylist()
    assert {row["movie_id"]: row["year"] for row in rows} == {1: 1999, 3: None, 4: 2001}
