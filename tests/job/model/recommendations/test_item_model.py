"""The item-item model against a dense reference written down as the formula has it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from spark_jobs.errors import JobError
from spark_jobs.model.recommendations import item_model
from spark_jobs.model.recommendations.config import ItemModelConfig
from tests.job.model.ratings import CONFIG, some_ratings


def some_genres(movies=12, seed=0):
    return (np.random.default_rng(seed).random((movies, 4)) < 0.4).astype(float)


def dense_reference(ratings, genres):
    """(x, B), cell by cell."""
    r = ratings.toarray()
    rated = r > 0
    mean = r[rated].mean()
    b_i = np.where(rated, r - mean, 0).sum(axis=0) / (rated.sum(axis=0) + 10)
    b_u = np.where(rated, r - mean - b_i, 0).sum(axis=1) / (rated.sum(axis=1) + 10)
    x = np.where(rated, 1 + 0.3 * (r - mean - b_i - b_u[:, None]), 0)
    n = rated.sum(axis=1)
    gram = sum((n[u] / 100) ** -0.75 * np.outer(x[u], x[u]) for u in range(len(x)) if n[u])
    f = genres / np.maximum(np.linalg.norm(genres, axis=0), 1e-9)
    gram = gram + 200 * f @ f.T
    d = rated.sum(axis=0)
    p = np.linalg.inv(gram + np.diag(90 * np.sqrt(d.mean()) + 2 * np.diag(gram)))
    b = -p / np.diag(p) * ((d + 5) / 50) ** -0.2
    np.fill_diagonal(b, 0)
    return x, b


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_inputs_and_weights_match_a_dense_reference(seed):
    ratings, genres = some_ratings(seed=seed), some_genres(seed=seed)
    x, weights = item_model.fit_ratings(ratings, genres, CONFIG)
    wanted_x, wanted_weights = dense_reference(ratings, genres)
    np.testing.assert_allclose(x.toarray(), wanted_x, atol=1e-12)
    np.testing.assert_allclose(weights, wanted_weights, atol=1e-4)  # inputs in steps of 2^-12


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_renumbering_users_and_movies_changes_nothing(seed):
    ratings, genres = some_ratings(seed=seed), some_genres(seed=seed)
    generator = np.random.default_rng(seed)
    users, movies = generator.permutation(40), generator.permutation(12)
    renumbered = sparse.csr_array(ratings[users][:, movies])
    _, weights = item_model.fit_ratings(ratings, genres, CONFIG)
    _, moved = item_model.fit_ratings(renumbered, genres[movies], CONFIG)
    np.testing.assert_allclose(moved, weights[np.ix_(movies, movies)], atol=1e-6)


@pytest.mark.parametrize("tile", [1, 5, 12, 100])
def test_parts_of_the_users_in_tiles_of_any_size_add_up_to_the_whole(tile):
    ratings = some_ratings()
    total = item_model.gram_tiles(ratings[:7], tile)
    item_model.gram_tiles(ratings[7:], tile, total)
    gram = item_model.assemble(item_model.popped(total), 12, tile)
    dense = ratings.toarray()
    np.testing.assert_allclose(np.triu(gram), np.triu(dense.T @ dense), rtol=1e-6)
    assert not total


def test_a_matrix_larger_than_a_block_is_mirrored_whole():
    lower = np.arange(49, dtype=np.float32).reshape(7, 7)
    whole = item_model.mirrored(lower.copy(), block=3)
    np.testing.assert_array_equal(whole, np.tril(lower) + np.tril(lower, -1).T)


def test_inversion_takes_no_second_matrix():
    gram = np.asfortranarray(np.eye(5, dtype=np.float32) * 4)
    inverse = item_model.invert(gram)
    assert np.shares_memory(gram, inverse)
    np.testing.assert_array_equal(inverse, np.eye(5) / 4)


def test_a_matrix_that_has_no_inverse_is_refused():
    with pytest.raises(JobError, match="larger ridge penalty"):
        item_model.invert(np.zeros((3, 3), np.float32, order="F"))


def test_the_penalty_follows_from_the_ratings_per_movie_unless_given():
    assert item_model.ridge(np.array([100, 44]), None) == pytest.approx(90 * 72**0.5)
    assert item_model.ridge(np.array([100, 44]), 7.0) == 7.0


def test_sums_over_users_are_the_same_to_the_bit_in_any_order():
    ratings = some_ratings(users=60)
    x = item_model.inputs(ratings, item_model.biases(ratings, CONFIG), CONFIG)
    scaled = item_model.scale_users(x, -0.75)
    backwards = item_model.gram_tiles(sparse.csr_array(scaled[np.arange(60)[::-1]]))
    parts = {}
    for start in (40, 0, 20):
        item_model.gram_tiles(scaled[start : start + 20], total=parts)
    np.testing.assert_array_equal(parts[0, 0], backwards[0, 0])


def test_movies_below_the_support_are_left_out():
    kept = item_model.kept_movies(np.array([5, 4, 9, 0]), ItemModelConfig())
    assert kept.tolist() == [0, 2]


def test_of_too_many_movies_those_with_the_most_ratings_are_kept():
    counts = np.array([7, 4, 9, 7, 8])
    assert item_model.kept_movies(counts, ItemModelConfig(max_items=3)).tolist() == [0, 2, 4]
