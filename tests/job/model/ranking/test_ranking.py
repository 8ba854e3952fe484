"""What follows from the counts: prior weight, interval, trend, months."""

import struct

import numpy as np
import pytest

from spark_jobs.contract import HALF_STARS
from spark_jobs.input.ratings.blocks import Ratings
from spark_jobs.model.aggregation.counts import Counts, totals
from spark_jobs.model.ranking.ranking import make_ranking

MOVIES = 40
MONTH = 31 * 86_400


@pytest.fixture(scope="module")
def ratings():
    """Movies that differ, some of them rated late, in random order."""
    generator = np.random.default_rng(3)
    position = generator.integers(0, MOVIES, 2_000).astype(np.int32)
    stars = np.rint(3 + 5 * position / MOVIES + generator.normal(0, 2, 2_000)).clip(1, 10)
    rated_at = generator.integers(0, 60, 2_000) * MONTH // (1 + position % 3)
    return Ratings(np.arange(2_000), position, stars.astype(np.int8), rated_at)


def counted(*parts, movies=MOVIES):
    counts = Counts.zero(movies)
    for part in parts:
        counts.add(part)
    return counts


def made(counts, ids=None, **options):
    ids = np.arange(1, len(counts.half_stars) + 1, dtype=np.int32) if ids is None else ids
    arguments = {"prior_mean": totals(counts).mean, "given_weight": None, "min_ratings": 5}
    return make_ranking(ids, counts, **(arguments | options))


def by_id(ranking):
    return {row["movie_id"]: row for row in ranking.rows.to_pylist()}


def test_the_interval_contains_the_weighted_rating(ratings):
    rows = by_id(made(counted(ratings))).values()
    assert all(row["lower_bound"] < row["weighted_rating"] < row["upper_bound"] for row in rows)
    five_stars = counted(ratings._replace(half_stars=np.full(2_000, 10, np.int8)))
    for row in by_id(made(five_stars, given_weight=0.7)).values():
        assert row["lower_bound"] <= row["weighted_rating"] <= row["upper_bound"]


@pytest.mark.parametrize("weight", [0.0, 1e-9, 3.3, 50.0])
def test_a_rating_above_the_weighted_mean_never_lowers_it(ratings, weight):
    before = by_id(made(counted(ratings), prior_mean=3.2, given_weight=weight))
    for half_stars in HALF_STARS:
        one_each = Ratings(*np.array([[9, movie, half_stars, 0] for movie in range(MOVIES)]).T)
        after = by_id(made(counted(ratings, one_each), prior_mean=3.2, given_weight=weight))
        for movie, row in before.items():
            if half_stars / 2 > row["weighted_rating"]:
                assert after[movie]["weighted_rating"] >= row["weighted_rating"]


def test_the_result_does_not_depend_on_how_ratings_were_divided(ratings):
    whole = made(counted(ratings))
    thirds = [counted(ratings.where(np.arange(2_000) % 3 == i)) for i in (2, 0, 1)]
    parts = made(thirds[0].merged(thirds[1]).merged(thirds[2]))
    assert parts.rows.equals(whole.rows)
    assert parts.facts() == whole.facts()


def test_how_movies_are_numbered_changes_nothing(ratings):
    moved = np.random.default_rng(4).permutation(MOVIES).astype(np.int32)
    ids = np.arange(1, MOVIES + 1, dtype=np.int32)
    whole = made(counted(ratings))
    renumbered = made(counted(ratings._replace(movie_index=moved[ratings.movie_index])))
    assert renumbered.facts() == whole.facts()
    new_ids = dict(zip(ids.tolist(), (moved + 1).tolist(), strict=True))
    rows = {new_ids[id_]: row | {"movie_id": new_ids[id_]} for id_, row in by_id(whole).items()}
    assert by_id(renumbered) == rows


def test_months_are_packed_and_the_newest_is_now():
    day = 86_400
    counts = counted(Ratings(*np.array([[1, 0, 8, 0], [2, 0, 8, 40 * day], [3, 1, 2, 40 * day]]).T))
    ranking = made(counts, given_weight=50.0)
    rows = by_id(ranking)
    assert rows[1]["months"] == struct.pack("<2H2I", 0, 1, 1, 1)
    assert rows[2]["months"] == struct.pack("<HI", 1, 1)
    # Two months are too few for a back-test: ratings count alike, however old.
    assert ranking.facts()["trending"] == {"half_life_months": None, "newest_month": "1970-02"}
    assert [rows[1]["trend"], rows[2]["trend"]] == [2.0, 1.0]


def test_the_trend_follows_the_chosen_half_life():
    monthly = [
        (user, movie, 8, month * MONTH)
        for month in range(24)
        for movie in range(12)
        for user in range(20 if month // 2 == movie else 1)
    ]
    ranking = made(counted(Ratings(*np.array(monthly).T)))
    half_life = ranking.trending.half_life_months
    assert half_life <= 2
    last, first = by_id(ranking)[12]["trend"], by_id(ranking)[1]["trend"]
    aged = [0.5 ** (age / half_life) for age in range(24)]
    assert last == pytest.approx(20 * sum(aged[:2]) + sum(aged[2:]))
    assert first == pytest.approx(sum(aged[:22]) + 20 * sum(aged[22:]))


def test_without_times_there_is_no_trend_and_no_month(ratings):
    ranking = made(counted(ratings), has_times=False)
    assert ranking.facts()["trending"] is None
    assert {(row["trend"], row["months"]) for row in by_id(ranking).values()} == {(None, None)}


def test_a_given_prior_weight_is_kept_and_the_data_tells_it_otherwise(ratings):
    given, told = made(counted(ratings), given_weight=7.0), made(counted(ratings))
    assert (given.prior.weight, given.prior.estimated) == (7.0, False)
    assert told.prior.estimated
    assert 0.5 < told.prior.weight < 3
    assert told.prior.within_variance == given.prior.within_variance


def test_one_rating_tells_neither_a_prior_weight_nor_an_interval():
    ranking = made(counted(Ratings(*np.array([[1, 0, 8, 0]]).T)))
    assert (ranking.prior.weight, ranking.prior.estimated) == (50, False)
    assert [by_id(ranking)[1][name] for name in ("lower_bound", "upper_bound")] == [None, None]
