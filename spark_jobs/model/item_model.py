"""The item-item model for known users: one matrix B, in closed form.

    x_ui = 1 + s (r_ui - m - b_i - b_u)                    what a rating says
    G    = sum_u (n_u / 100)^e x_u' x_u + g F' F           users, and genres as further rows
    P    = (G + diag(l2 + dropout G_jj))^-1
    B_ij = -P_ij / P_jj ((d_j + 5) / 50)^-t, B_jj = 0
    score of movie j for user u = sum_i x_ui B_ij          an exact sum over the user's movies

m is the mean rating, b_i and b_u the shrunk deviations of movie and user, n_u and d_j the numbers
of ratings, F the genres with columns of unit length.

Sources: H. Steck, Embarrassingly Shallow Autoencoders for Sparse Data (EASE), WWW 2019, for the
closed form; H. Steck, Autoencoders that don't Overfit towards the Identity (EDLAE), NeurIPS 2020,
for `dropout G_jj`.

G is a sum over users: tiles of its upper triangle are made of any part of them, added, and
inverted in one place. Nothing here knows of Spark.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

from spark_jobs.errors import JobError

TILE = 2000  # columns
USERS_AT_ONCE = 2000  # sparse products of fewer cost twice the time
Matrix = NDArray[np.float32]
Tiles = dict[tuple[int, int], NDArray[np.float64]]


@dataclass(frozen=True)
class ItemModelConfig:
    """What can be set. The defaults carried over unchanged between MovieLens data sets."""

    rating_weight: float = 0.3
    """s: how much a star more than expected adds to the input."""
    bias_shrinkage: float = 10.0
    """Ratings at which a deviation from the mean is half believed."""
    user_exponent: float = -0.75
    """e: below 0, those who rated much do not drown the others."""
    genre_weight: float = 200.0
    """g, in users."""
    l2: float | None = None
    """Ridge penalty; None: 90 sqrt(mean ratings per movie)."""
    dropout: float = 2.0
    """p / (1 - p) of EDLAE's dropout probability p."""
    damping: float = 0.2
    """t: above 0, popular movies are recommended less."""
    min_support: int = 5
    """Ratings that a movie needs to be in the model."""
    max_items: int | None = None
    """At most so many movies, those with the most ratings."""


@dataclass(frozen=True)
class Biases:
    """Mean rating in stars, and each movie's shrunk deviation from it, (movies,)."""

    mean: float
    movies: NDArray[np.float64]


def support(ratings: sparse.csr_array) -> NDArray[np.int64]:
    """Ratings of each movie, (movies,)."""
    return np.bincount(ratings.indices, minlength=ratings.shape[1])


def kept_movies(counts: NDArray[np.int64], config: ItemModelConfig) -> NDArray[np.int64]:
    """Positions of the movies that are in the model, ascending. Ties go to the lower position."""
    order = np.argsort(-counts, kind="stable")
    return np.sort(order[counts[order] >= config.min_support][: config.max_items])


def biases(ratings: sparse.csr_array, config: ItemModelConfig) -> Biases:
    """b_i = sum of (r - m) / (d_i + k) over the movie's ratings."""
    mean = float(np.mean(ratings.data, dtype=np.float64)) if ratings.nnz else 0.0
    deviations = np.bincount(ratings.indices, ratings.data - mean, ratings.shape[1])
    return Biases(mean, deviations / (support(ratings) + config.bias_shrinkage))


def inputs(ratings: sparse.csr_array, known: Biases, config: ItemModelConfig) -> sparse.csr_array:
    """x, users x movies, from ratings in stars. A user's row depends on that user alone."""
    counts = np.diff(ratings.indptr)
    users = np.repeat(np.arange(len(counts)), counts)
    surprise = ratings.data - known.mean - known.movies[ratings.indices]
    user_bias = np.bincount(users, surprise, len(counts)) / (counts + config.bias_shrinkage)
    values = 1 + config.rating_weight * (surprise - user_bias[users])
    return sparse.csr_array((values, ratings.indices, ratings.indptr), shape=ratings.shape)


def scale_users(x: sparse.csr_array, exponent: float) -> sparse.csr_array:
    """Each row times (n_u / 100)^(exponent / 2), so that its square counts by the whole power."""
    counts = np.diff(x.indptr)
    weights = (np.maximum(counts, 1) / 100) ** (exponent / 2)
    values = x.data * np.repeat(weights, counts)
    return sparse.csr_array((values, x.indices, x.indptr), shape=x.shape)


def gram_tiles(x: sparse.csr_array, tile: int = TILE) -> Tiles:
    """x' x as tiles (row, column) of its upper triangle, in double precision.

    Doubles, so that the order in which parts are added moves nothing that single precision keeps.
    """
    total: Tiles = {}
    for start in range(0, x.shape[0], USERS_AT_ONCE):
        for key, values in _tiles_of(x[start : start + USERS_AT_ONCE], tile):
            add_tiles(total, {key: values})
    return total


def _tiles_of(
    x: sparse.csr_array, tile: int
) -> Iterator[tuple[tuple[int, int], NDArray[np.float64]]]:
    """One after the other: a second set of them would take as much memory as the matrix."""
    columns = x.tocsc()
    parts = [columns[:, start : start + tile] for start in range(0, x.shape[1], tile)]
    for i, rows in enumerate(parts):
        for j in range(i, len(parts)):
            yield (i, j), (rows.T @ parts[j]).toarray()


def add_tiles(total: Tiles, more: Mapping[tuple[int, int], NDArray[np.float64]]) -> Tiles:
    """`total`, with `more` added in place."""
    for key, values in more.items():
        if key in total:
            total[key] += values
        else:
            total[key] = values
    return total


def assemble(tiles: Tiles, movies: int, tile: int = TILE) -> Matrix:
    """The upper triangle in single precision, (movies, movies), column by column as LAPACK wants.

    Empties `tiles` on the way, so that both are never held whole.
    """
    gram = np.zeros((movies, movies), np.float32, order="F")
    for i, j in sorted(tiles):
        values = tiles.pop((i, j))
        rows, columns = values.shape
        gram[i * tile : i * tile + rows, j * tile : j * tile + columns] = values
    return gram


def genre_tiles(genres: NDArray[np.float64], weight: float, tile: int = TILE) -> Tiles:
    """weight F' F from (movies, genres) of 0 and 1, as tiles to be added to the users'."""
    lengths = np.sqrt(genres.sum(axis=0))
    rows = np.sqrt(weight) * genres / np.maximum(lengths, 1)
    return gram_tiles(sparse.csr_array(rows.T), tile)


def ridge(counts: NDArray[np.int64], l2: float | None) -> float:
    """The penalty: as given, else 90 sqrt(mean ratings per kept movie). Its optimum is flat."""
    if l2 is not None:
        return l2
    return 90 * float(np.sqrt(counts.mean())) if len(counts) else 90.0


def invert(gram: Matrix) -> Matrix:
    """The inverse of a positive definite matrix of which the upper triangle is given, in place.

    Cholesky: potrf and potri, 9.6 s at 13,000 movies on two cores. Returns all of it, row by row.
    """
    factor, failed = lapack.spotrf(gram, lower=0, clean=0, overwrite_a=1)
    if not failed:
        inverse, failed = lapack.spotri(factor, lower=0, overwrite_c=1)
    if failed:
        raise JobError("the item model's matrix cannot be inverted: give a larger ridge penalty")
    return _mirrored(inverse.T)


def _mirrored(lower: Matrix, block: int = TILE) -> Matrix:
    """Copies the lower triangle onto the upper, in blocks to spare memory."""
    for start in range(0, len(lower), block):
        stop = min(start + block, len(lower))
        corner = np.tril(lower[start:stop, start:stop])
        lower[start:stop, start:stop] = corner + np.tril(corner, -1).T
        lower[start:stop, stop:] = lower[stop:, start:stop].T
    return lower


def solve(gram: Matrix, *, l2: float, dropout: float) -> Matrix:
    """B before damping, (movies, movies), in the memory of `gram`, of which half is enough."""
    diagonal = np.einsum("ii->i", gram)
    diagonal += np.float32(l2) + np.float32(dropout) * diagonal
    weights = invert(gram)
    weights /= -np.diag(weights).copy()
    np.fill_diagonal(weights, 0)
    return weights


def damping_factors(counts: NDArray[np.int64], exponent: float) -> NDArray[np.float64]:
    """((d_j + 5) / 50)^-exponent, (movies,)."""
    return np.asarray(((counts + 5) / 50) ** -exponent, np.float64)


def fit(tiles: Tiles, counts: NDArray[np.int64], config: ItemModelConfig) -> Matrix:
    """B, (movies, movies), from the sum of all tiles, which it empties."""
    penalty = ridge(counts, config.l2)
    weights = solve(assemble(tiles, len(counts)), l2=penalty, dropout=config.dropout)
    weights *= damping_factors(counts, config.damping).astype(np.float32)
    return weights


def fit_ratings(
    ratings: sparse.csr_array, genres: NDArray[np.float64] | None, config: ItemModelConfig
) -> tuple[sparse.csr_array, Matrix]:
    """(x, B) from ratings of kept movies, in stars, that fit into one process."""
    x = inputs(ratings, biases(ratings, config), config)
    tiles = gram_tiles(scale_users(x, config.user_exponent))
    if genres is not None:
        add_tiles(tiles, genre_tiles(genres, config.genre_weight))
    return x, fit(tiles, support(ratings), config)


def predicted_bytes(movies: int) -> int:
    """Peak in bytes: half the matrix in double tiles and all of it in singles, which is 8 n^2,
    and one tile in the making, sparse (12 bytes a cell) and dense (8)."""
    return 8 * movies**2 + 20 * min(TILE, movies) ** 2


def check_memory(counts: NDArray[np.int64], *, limit: int, config: ItemModelConfig) -> None:
    """Refuses a model that needs more than `limit` bytes; says what would fit."""
    movies = len(kept_movies(counts, config))
    needed = predicted_bytes(movies)
    if needed <= limit:
        return
    fits = next((n for n in range(movies, 0, -1) if predicted_bytes(n) <= limit), 0)
    raise JobError(
        f"the item model of {movies:,} movies needs {needed / 1e9:.2f} GB, "
        f"{limit / 1e9:.2f} GB are there: give --max-items {fits} or a --min-support above "
        f"{config.min_support}"
    )
