"""Personal lists with their reasons, and similar movies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_jobs.evaluation.splits import matrix
from spark_jobs.model import item_model
from spark_jobs.model.neighbours import neighbours
from spark_jobs.model.personal import personal_lists
from tests.job.model.test_item_model import CONFIG, some_ratings


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_contributions_are_exact_and_sum_to_the_scores(seed):
    ratings = some_ratings(seed=seed)
    x, weights = item_model.fit_ratings(ratings, None, CONFIG)
    dense, b = x.toarray(), weights.astype(float)
    for user, found in enumerate(personal_lists(x, weights, limit=5)):
        np.testing.assert_allclose(found.scores, (dense[user] @ b)[found.movies], atol=1e-12)
        total = found.contributions.sum(axis=1) + found.rest
        np.testing.assert_allclose(total, found.scores, atol=1e-12)
        for movie, reasons, parts in zip(
            found.movies, found.reasons, found.contributions, strict=True
        ):
            named = reasons >= 0
            exact = dense[user, reasons[named]] * b[reasons[named], movie]
            np.testing.assert_allclose(parts[named], exact, atol=1e-12)


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
    found = neighbours(together.astype(np.float32), 0, users=100)
    assert found.movies.tolist() == [1]  # movie 2 is met by chance as often, movie 3 less often
    assert found.lifts[0] == pytest.approx((30 - 40 * 40 / 100) / (40 + 10))
    assert found.counts.tolist() == [30]
