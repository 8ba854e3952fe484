"""Personal lists with their reasons, and similar movies."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_jobs.evaluation.splits import matrix
from spark_jobs.model.recommendations import item_model
from spark_jobs.model.recommendations.config import SimilarConfig
from spark_jobs.model.recommendations.personal import personal_lists, personal_rows
from spark_jobs.model.recommendations.similar import neighbours, similar_rows
from tests.job.model.ratings import CONFIG, some_ratings


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_scores_are_exact_and_their_strongest_contributions(seed):
    ratings = some_ratings(seed=seed)
    x, weights = item_model.fit_ratings(ratings, None, CONFIG)
    dense, b = x.toarray(), weights.astype(float)
    for user, found in enumerate(personal_lists(x, weights, limit=5)):
        np.testing.assert_allclose(found.scores, (dense[user] @ b)[found.movies], atol=1e-12)
        for movie, reasons, parts in zip(
            found.movies, found.reasons, found.contributions, strict=True
        ):
            named = reasons >= 0
            exact = dense[user, reasons[named]] * b[reasons[named], movie]
            np.testing.assert_allclose(parts[named], exact, atol=1e-12)
            strongest = np.sort(-np.abs(dense[user] * b[:, movie]))[: len(parts)]
            np.testing.assert_allclose(-np.abs(parts), strongest, atol=1e-12)


def test_the_best_unseen_come_in_order_and_nothing_seen():
    ratings = some_ratings(movies=90)
    x, weights = item_model.fit_ratings(ratings, None, CONFIG)
    scores = x.toarray() @ weights.astype(float)
    scores[ratings.toarray() > 0] = -np.inf
    for user, found in enumerate(personal_lists(x, weights, limit=10)):
        assert found.movies.tolist() == np.argsort(-scores[user])[:10].tolist()


def test_a_list_does_not_depend_on_who_is_in_the_batch():
    x, weights = item_model.fit_ratings(some_ratings(), None, CONFIG)
    alone, among = personal_lists(x[7:8], weights)[0], personal_lists(x, weights)[7]
    np.testing.assert_array_equal(alone.movies, among.movies)
    np.testing.assert_array_equal(alone.scores, among.scores)


def test_a_user_without_history_gets_nothing():
    nobody = matrix(np.array([], int), np.array([], int), np.array([]), (1, 12))
    found = personal_lists(nobody, np.ones((12, 12), np.float32))[0]
    assert found.movies.size == found.scores.size == 0


def test_similar_movies_are_those_rated_together_beyond_chance():
    together = np.array([[40, 30, 4, 30], [30, 40, 0, 0], [4, 0, 10, 0], [30, 0, 0, 90]])
    found = neighbours(together.astype(np.float32), 0, 100, SimilarConfig())
    assert found.movies.tolist() == [1]  # movie 2 is met by chance as often, movie 3 less often
    assert found.lifts[0] == pytest.approx((30 - 40 * 40 / 100) / (40 + 10))
    assert found.counts.tolist() == [30]


def test_a_movie_met_by_chance_alone_has_no_row_and_ids_stand_in_the_others():
    together = np.array([[40, 30, 4], [30, 40, 0], [4, 0, 10]], np.float32)
    rows = similar_rows(together, 100, np.array([10, 20, 30], np.int32), SimilarConfig())
    lift = np.float32((30 - 40 * 40 / 100) / (40 + 10))
    assert rows.to_pylist() == [
        {"movie_id": 10, "packed": struct.pack("<IfI", 20, lift, 30)},
        {"movie_id": 20, "packed": struct.pack("<IfI", 10, lift, 30)},
    ]


def test_of_more_than_enough_similar_movies_the_first_come_in_order():
    together = np.full((40, 40), 9.0, np.float32)
    np.fill_diagonal(together, 10)
    together[0, 30] = together[30, 0] = 10
    found = neighbours(together, 0, 1_000, SimilarConfig(), limit=4)
    assert found.movies.tolist() == [30, 1, 2, 3]


def test_a_list_is_packed_with_ids_and_no_reason_is_0():
    x = matrix(np.array([1, 1]), np.array([0, 1]), np.array([1.0, 0.5]), (2, 3))
    weights = np.array([[0, 0, 0.5], [0, 0, -0.25], [0, 0, 0]], np.float32)
    rows = personal_rows(np.array([7, 8]), x, weights, np.array([10, 20, 30], np.int32))
    packed = struct.pack("<If3I3f", 30, 0.375, 10, 20, 0, 0.5, -0.125, 0)
    assert rows.to_pylist() == [{"user_id": 8, "packed": packed}]
