"""What a model has to beat, fitted to the same ratings: popularity, item cosine, plain EASE.

Each takes a matrix of users x movies (any value marks a rating) and gives scores, users x movies.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.model.item_model import assemble, gram_tiles, popped, solve, support

EASE_L2 = 300.0


def popularity(history: sparse.csr_array) -> NDArray[np.float64]:
    """The same number of ratings for everybody."""
    counts = support(history).astype(np.float64)
    return np.tile(counts, (history.shape[0], 1))


def item_cosine(history: sparse.csr_array) -> NDArray[np.float64]:
    """Sum of c_ij / sqrt(d_i d_j) over the user's movies (Sarwar et al., WWW 2001)."""
    x = binary(history)
    lengths = np.sqrt(np.maximum(support(x), 1))
    together = (x.T @ x).toarray() / np.outer(lengths, lengths)
    np.fill_diagonal(together, 0)
    return np.asarray(x @ together)


def ease_weights(history: sparse.csr_array, l2: float = EASE_L2) -> NDArray[np.float32]:
    """B of plain EASE, (movies, movies) (Steck 2019)."""
    x = binary(history)
    return solve(assemble(popped(gram_tiles(x)), x.shape[1]), l2=l2, dropout=0.0)


def ease(history: sparse.csr_array, l2: float = EASE_L2) -> NDArray[np.float64]:
    """Scores of plain EASE."""
    return np.asarray(binary(history) @ ease_weights(history, l2), np.float64)


def binary(history: sparse.csr_array) -> sparse.csr_array:
    """1 where there is a rating."""
    ones = np.ones(history.nnz)
    return sparse.csr_array((ones, history.indices, history.indptr), shape=history.shape)
