"""The visitors' model and its packed rows."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from spark_jobs.model.recommendations import visitor_model
from spark_jobs.model.recommendations.config import VisitorModelConfig
from spark_jobs.model.recommendations.visitor_model import StrongestWeights, visitor_rows
from tests.job.model.ratings import some_ratings

ROWS = arrays.arrays(
    np.float32, st.integers(0, 150), elements=st.floats(-2, 2, width=32, allow_subnormal=False)
)


@given(ROWS)
def test_the_strongest_weights_are_kept_to_half_a_step(row):
    found = StrongestWeights.of(row, limit=20)
    kept = np.abs(row[found.targets])
    others = np.delete(np.abs(row), found.targets)
    assert len(found.targets) == min(20, np.count_nonzero(row))
    assert others.max(initial=0) <= kept.min(initial=2)
    assert found.targets.tolist() == sorted(found.targets)
    error = np.abs(found.steps * found.scale - row[found.targets])
    assert (error <= np.abs(row).max(initial=0) / 127 * 0.5001).all()


def test_of_equal_weights_the_lower_positions_are_kept():
    row = np.array([0.5, 1, -0.5, 0.5, 2], np.float32)
    assert StrongestWeights.of(row, limit=3).targets.tolist() == [0, 1, 4]


def test_a_row_names_its_targets_by_their_ids_and_one_without_weights_is_none():
    weights = np.array([[0, 0.5, -1], [0, 0, 0], [2, 0, 0]], np.float32)
    rows = visitor_rows(weights, np.array([10, 20, 30], np.int32)).to_pylist()
    assert [row["movie_id"] for row in rows] == [10, 30]
    assert rows[0]["scale"] == 1 / 127
    assert rows[0]["packed"] == struct.pack("<2I2b", 20, 30, 64, -127)


def test_weights_match_a_dense_reference():
    liked = visitor_model.likes(some_ratings(), VisitorModelConfig())
    x = (some_ratings().toarray() >= 4).astype(float)
    np.testing.assert_array_equal(liked.toarray(), x)
    weighted = x * (np.maximum(x.sum(axis=1), 1)[:, None] / 100) ** -0.25
    gram = weighted.T @ weighted
    penalty = 90 * np.sqrt(x.sum(axis=0).mean()) + 32 * np.diag(gram)
    p = np.linalg.inv(gram + np.diag(penalty))
    wanted = -p / np.diag(p)
    np.fill_diagonal(wanted, 0)
    found = visitor_model.fit_likes(liked, VisitorModelConfig())
    np.testing.assert_allclose(found, wanted, atol=1e-6)


@pytest.mark.parametrize(("picks", "exponent"), [(1, -0.4), (5, 0), (10, 0.2), (100, 0.3)])
def test_few_picks_lean_on_popularity_and_many_away_from_it(picks, exponent):
    assert visitor_model.popularity_exponent(picks) == pytest.approx(exponent)


def test_what_is_published_is_the_matrix_to_a_step():
    weights = np.array([[0, 0.5, -1], [0, 0, 0], [2, 0, 0]], np.float32)
    found = visitor_model.published_weights(weights).toarray()
    np.testing.assert_allclose(found, weights, atol=1 / 127)
