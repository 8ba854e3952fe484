"""The baselines, learnt from the same ratings: item cosine and plain EASE.

Both use c_ij, the number of users who rated both movies, and d_i = c_ii, those who rated i.
"""

import numpy as np
from scipy import sparse

from spark_jobs.model.recommendations.item_model import (
    Matrix,
    assemble,
    binary,
    gram_tiles,
    mirrored,
    popped,
    solve,
)

EASE_L2 = 300.0


def together(history: sparse.csr_array) -> Matrix:
    """c_ij, (movies, movies), from users x movies in which any value marks a rating."""
    tiles = gram_tiles(binary(history))
    return mirrored(assemble(popped(tiles), history.shape[1]).T)


def cosine_weights(counts: Matrix) -> Matrix:
    """c_ij / sqrt(d_i d_j), 0 on the diagonal (Sarwar et al., WWW 2001)."""
    lengths = np.sqrt(np.maximum(np.diag(counts), 1))
    weights = counts / lengths[:, None] / lengths
    np.fill_diagonal(weights, 0)
    return np.asarray(weights, np.float32)


def ease_weights(counts: Matrix, l2: float = EASE_L2) -> Matrix:
    """B of plain EASE (Steck 2019)."""
    return solve(np.array(counts, np.float32, order="F"), l2=l2, dropout=0.0)
