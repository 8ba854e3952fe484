"""The item-item model for visitors who name a few movies they like, and its packed rows.

The closed form of `item_model` on likes alone (x = 1 for 4 stars and more), with much dropout and
without stored damping. For p picks the scores are multiplied by ((d_j + 5) / 50)^-t,
t = clip(0.2 log2(p / 5), -0.4, 0.3): with few picks popularity counts more, with many less.

A packed row is its strongest weights by absolute value: `<H` how many, `<f` the scale, then as
many `<I` movie positions, ascending, then as many signed bytes; weight = byte x scale. A hundred
of 8 bits lose about 1 % of nDCG. Little-endian, PACKING is its version. `unpack` needs the
standard library alone.

Source: H. Steck, NeurIPS 2020 (EDLAE), for dropout in closed form.
"""

import math
import struct
import sys
from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.model.item_model import (
    Matrix,
    Tiles,
    assemble,
    gram_tiles,
    ridge,
    scale_users,
    solve,
    support,
)

PACKING = 1
STRONGEST = 100
STEPS = 127
HEADER = struct.Struct("<Hf")


@dataclass(frozen=True)
class VisitorModelConfig:
    """What can be set. Stars, ratings and users as in `ItemModelConfig`."""

    liked_from: float = 4.0
    """Stars from which a rating is a like."""
    user_exponent: float = -0.5
    l2: float | None = None
    """Ridge penalty; None: 90 sqrt(mean likes per movie)."""
    dropout: float = 32.0


def likes(ratings: sparse.csr_array, config: VisitorModelConfig) -> sparse.csr_array:
    """1 where a user liked a movie, users x movies, from ratings in stars."""
    liked = ratings.copy()
    liked.data = (ratings.data >= config.liked_from).astype(np.float64)
    liked.eliminate_zeros()
    return liked


def visitor_tiles(liked: sparse.csr_array, config: VisitorModelConfig) -> Tiles:
    """The part of these users in the sum over all."""
    return gram_tiles(scale_users(liked, config.user_exponent))


def fit_visitors(tiles: Tiles, counts: NDArray[np.int64], config: VisitorModelConfig) -> Matrix:
    """The weights, (movies, movies), from the sum of all tiles and each movie's likes."""
    penalty = ridge(counts, config.l2)
    return solve(assemble(tiles, len(counts)), l2=penalty, dropout=config.dropout)


def fit_likes(liked: sparse.csr_array, config: VisitorModelConfig) -> Matrix:
    """The weights from likes that fit into one process."""
    return fit_visitors(visitor_tiles(liked, config), support(liked), config)


def popularity_exponent(picks: int) -> float:
    """t for that many picks: -0.4 for one, 0 for five, 0.2 for ten, at most 0.3."""
    return min(max(0.2 * math.log2(picks / 5), -0.4), 0.3)


def pack(weights: NDArray[np.float32], strongest: int = STRONGEST) -> bytes:
    """One row, (movies,), as bytes. Of equal weights the lower position is kept."""
    order = np.argsort(-np.abs(weights), kind="stable")[:strongest]
    targets = np.sort(order[weights[order] != 0])
    kept = weights[targets]
    scale = np.float32(np.abs(kept).max() / STEPS) if len(kept) else np.float32(1)
    scale = scale if scale > 0 else np.finfo(np.float32).tiny
    steps = np.clip(np.rint(kept / scale), -STEPS, STEPS).astype(np.int8)
    return b"".join(
        [HEADER.pack(len(targets), scale), targets.astype("<u4").tobytes(), steps.tobytes()]
    )


def unpack(row: bytes) -> dict[int, float]:
    """Movie position -> weight."""
    count, scale = HEADER.unpack_from(row)
    split = HEADER.size + 4 * count
    targets, steps = array("I", row[HEADER.size : split]), array("b", row[split:])
    if sys.byteorder == "big":
        targets.byteswap()
    return {i: step * scale for i, step in zip(targets, steps, strict=True)}


def unpacked_matrix(rows: list[bytes]) -> sparse.csr_array:
    """What was packed, (rows, rows), as it will be used."""
    unpacked = [unpack(row) for row in rows]
    indptr = np.cumsum([0, *map(len, unpacked)])
    targets = np.array([i for row in unpacked for i in row], np.int64)
    values = np.array([w for row in unpacked for w in row.values()], np.float64)
    return sparse.csr_array((values, targets, indptr), shape=(len(rows), len(rows)))
