"""Split ratings into those that train a model and those that test it.

A global temporal split tests whether the future would have been predicted: nothing after the cut
is known (Meng et al., Exploring Data Splitting Strategies, RecSys 2020). A random split of each
movie's ratings is the basis of most published figures; it rewards popular titles. There are no
sampled negatives (Krichene & Rendle, On Sampled Metrics, KDD 2020).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


def temporal_test(rated_at: NDArray[np.int64], train_share: float) -> NDArray[np.bool_]:
    """Which ratings are later than that share of all, (ratings,). Equal times are never divided."""
    cut = np.sort(rated_at)[max(int(len(rated_at) * train_share) - 1, 0)]
    return np.asarray(rated_at > cut)


def random_test_by_movie(
    movie_index: NDArray[np.int64], train_share: float, seed: int
) -> NDArray[np.bool_]:
    """Which ratings test, (ratings,): of each movie's d the last d - round(d share), shuffled."""
    shuffled = np.random.default_rng(seed).permutation(len(movie_index))
    order = shuffled[np.argsort(movie_index[shuffled], kind="stable")]
    counts = np.bincount(movie_index)
    place = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    test = np.empty(len(order), np.bool_)
    test[order] = place >= np.repeat(np.rint(counts * train_share), counts)
    return test


def matrix(
    user_index: NDArray[np.int64],
    movie_index: NDArray[np.int64],
    stars: NDArray[np.float64],
    shape: tuple[int, int],
) -> sparse.csr_array:
    """Users x movies with sorted columns, one rating for each pair."""
    built = sparse.csr_array((stars, (user_index, movie_index)), shape=shape)
    built.sort_indices()
    return built
