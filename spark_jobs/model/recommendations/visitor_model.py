"""The item-item model for visitors who name a few movies they like, and its packed rows.

The closed form of `item_model` on likes alone (x = 1 for 4 stars and more), with much dropout and
without stored damping. For p picks the scores are multiplied by ((d_j + 5) / 50)^-t,
t = clip(0.2 log2(p / 5), -0.4, 0.3): with few picks popularity counts more, with many less.

A row is published as its 100 strongest weights by absolute value, in 8 bits with a scale for the
row: weight = step x scale. That loses about 1 % of nDCG.

Source: H. Steck, NeurIPS 2020 (EDLAE), for dropout in closed form.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.contract import VISITOR_WEIGHTS
from spark_jobs.model.packing import pack
from spark_jobs.model.recommendations.config import VisitorModelConfig as VisitorModelConfig
from spark_jobs.model.recommendations.item_model import (
    Matrix,
    Tile,
    assemble,
    gram_tiles,
    popped,
    ridge,
    scale_users,
    solve,
    support,
)
from spark_jobs.model.recommendations.largest import largest

STRONGEST = 100
STEPS = 127


def likes(ratings: sparse.csr_array, config: VisitorModelConfig) -> sparse.csr_array:
    """1 where a user liked a movie, users x movies, from ratings in stars."""
    liked = ratings.copy()
    liked.data = (ratings.data >= config.liked_from).astype(np.float64)
    liked.eliminate_zeros()
    return liked


def visitor_inputs(liked: sparse.csr_array, config: VisitorModelConfig) -> sparse.csr_array:
    """The inputs that are summed over users."""
    return scale_users(liked, config.user_exponent)


def fit_visitors(
    tiles: Iterable[tuple[tuple[int, int], Tile]],
    counts: NDArray[np.int64],
    config: VisitorModelConfig,
) -> Matrix:
    """The weights, (movies, movies), from the sum of all users' tiles and each movie's likes."""
    penalty = ridge(counts, config.l2)
    return solve(assemble(tiles, len(counts)), l2=penalty, dropout=config.dropout)


def fit_likes(liked: sparse.csr_array, config: VisitorModelConfig) -> Matrix:
    """The weights from likes, in one process."""
    tiles = gram_tiles(visitor_inputs(liked, config))
    return fit_visitors(popped(tiles), support(liked), config)


def popularity_exponent(picks: int) -> float:
    """t for that many picks: -0.4 for one, 0 for five, 0.2 for ten, at most 0.3."""
    return min(max(0.2 * math.log2(picks / 5), -0.4), 0.3)


@dataclass(frozen=True)
class StrongestWeights:
    """One row: positions of the targets, ascending, and their weights in steps of `scale`."""

    targets: NDArray[np.int64]
    steps: NDArray[np.int8]
    scale: float

    @classmethod
    def of(cls, weights: NDArray[np.float32], limit: int = STRONGEST) -> "StrongestWeights":
        """From weights, (movies,). Ties go to the lower positions."""
        targets = largest(np.abs(weights), limit)
        targets = targets[weights[targets] != 0]
        kept = weights[targets].astype(np.float64)
        scale = float(np.abs(kept).max(initial=0)) / STEPS or 1.0
        return cls(targets, np.rint(kept / scale).astype(np.int8), scale)


def visitor_rows(weights: Matrix, movie_ids: NDArray[np.int32]) -> pa.Table:
    """Rows of `app_visitorweights`, one for each movie with any weight."""
    found = [StrongestWeights.of(row) for row in weights]
    packed = [pack([movie_ids[row.targets], row.steps], VISITOR_WEIGHTS) for row in found]
    rows = pa.table(
        {
            "movie_id": movie_ids,
            "scale": pa.array([row.scale for row in found], pa.float64()),
            "packed": pa.array(packed, pa.binary()),
        }
    )
    return rows.filter(pa.array([bool(row) for row in packed], pa.bool_()))


def published_weights(weights: Matrix) -> sparse.csr_array:
    """The weights as the site gets them, (movies, movies)."""
    rows = [StrongestWeights.of(row) for row in weights]
    indptr = np.cumsum([0, *(len(row.targets) for row in rows)])
    targets = np.concatenate([np.empty(0, np.int64), *(row.targets for row in rows)])
    values = np.concatenate([np.empty(0), *(row.steps * row.scale for row in rows)])
    return sparse.csr_array((values, targets, indptr), shape=(len(rows), len(rows)))
