"""The visitors' model and its packed rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from spark_jobs.model import visitor_model
from spark_jobs.model.visitor_model import VisitorModelConfig, pack, unpack
from tests.job.model.test_item_model import some_ratings

ROWS = arrays.arrays(
    np.float32, st.integers(0, 150), elements=st.floats(-2, 2, width=32, allow_subnormal=False)
)


@given(ROWS)
def test_unpacking_gives_the_strongest_weights_back_to_half_a_step(row):
    found = unpack(pack(row, strongest=20))
    weakest = min((abs(row[i]) for i in found), default=0)
    half_a_step = np.abs(row).max(initial=0) / 127 * 0.5001
    assert list(found) == sorted(found)
    assert len(found) == min(20, np.count_nonzero(row))
    assert all(abs(row[i]) <= weakest for i in range(len(row)) if i not in found)
    assert all(abs(found[i] - row[i]) <= half_a_step for i in found)


@given(ROWS)
def test_packing_what_was_unpacked_changes_nothing(row):
    once = unpack(pack(row))
    again = np.zeros(len(row), np.float32)
    again[list(once)] = list(once.values())
    np.testing.assert_allclose(
        [unpack(pack(again)).get(i, 0) for i in once], list(once.values()), rtol=1e-5
    )


def test_a_row_of_a_hundred_takes_506_bytes():
    row = np.linspace(0.1, 1, 300, dtype=np.float32)
    assert len(pack(row)) == 6 + 100 * 5
    assert min(unpack(pack(row))) == 200


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


def test_the_packed_matrix_is_the_matrix_to_a_step():
    weights = np.array([[0, 0.5, -1], [0, 0, 0], [2, 0, 0]], np.float32)
    found = visitor_model.unpacked_matrix([pack(row) for row in weights]).toarray()
    np.testing.assert_allclose(found, weights, atol=1 / 127)
