"""The item-item model for known users: one matrix B, in closed form.

    x_ui = 1 + s (r_ui - m - b_i - b_u)                    what a rating says
    G    = sum_u (n_u / 100)^e x_u' x_u + g F' F           users, and genres as extra rows
    P    = (G + diag(l2 + dropout G_jj))^-1
    B_ij = -P_ij / P_jj ((d_j + 5) / 50)^-t, B_jj = 0
    score of movie j for user u = sum_i x_ui B_ij          an exact sum over the user's movies

m is the mean rating, b_i and b_u the shrunk deviations of movie and user, n_u and d_j the numbers
of ratings, F the genres with columns of unit length.

Sources: H. Steck, Embarrassingly Shallow Autoencoders for Sparse Data (EASE), WWW 2019, for the
closed form; H. Steck, Autoencoders that don't Overfit towards the Identity (EDLAE), NeurIPS 2020,
for `dropout G_jj`.

G is a sum over users: tiles of its upper triangle are made from any part of them, added, and
inverted in one place. The summands are first rounded to multiples of 2^-12, so that products are
multiples of 2^-24 and sums up to 2^29 are exact in doubles: the order in which users are added,
and so the partitioning, does not change a bit. m and b_i come from integer half-star counts, b_u
from one user. This module does not depend on Spark.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

from spark_jobs.errors import JobError
from spark_jobs.model.recommendations.config import ItemModelConfig as ItemModelConfig

TILE = 2000  # columns
USERS_AT_ONCE = 8000  # sparse products of 2,000 cost twice the time
STEP = 2.0**-12  # summands over users are multiples of it
Matrix = NDArray[np.float32]
Tile = NDArray[np.float64]
Tiles = dict[tuple[int, int], Tile]


@dataclass(frozen=True)
class Biases:
    """Mean rating in stars, and each movie's shrunk deviation from it, (movies,)."""

    mean: float
    movies: NDArray[np.float64]


def support(ratings: sparse.csr_array) -> NDArray[np.int64]:
    """Ratings of each movie, (movies,)."""
    return np.bincount(ratings.indices, minlength=ratings.shape[1])


def binary(ratings: sparse.csr_array) -> sparse.csr_array:
    """1 for each rating, users x movies."""
    ones = np.ones(ratings.nnz)
    return sparse.csr_array((ones, ratings.indices, ratings.indptr), shape=ratings.shape)


def kept_movies(counts: NDArray[np.int64], config: ItemModelConfig) -> NDArray[np.int64]:
    """Positions of the movies in the model, ascending. Ties go to the lower position."""
    order = np.argsort(-counts, kind="stable")
    return np.sort(order[counts[order] >= config.min_support][: config.max_items])


def biases(ratings: sparse.csr_array, config: ItemModelConfig) -> Biases:
    """Biases of ratings in stars, users x movies."""
    sums = np.bincount(ratings.indices, ratings.data, ratings.shape[1])
    return biases_of(support(ratings), sums.astype(np.float64), config)


def biases_of(
    counts: NDArray[np.int64], sums: NDArray[np.float64], config: ItemModelConfig
) -> Biases:
    """b_i = sum of (r - m) / (d_i + k), from each movie's number of ratings and sum of stars."""
    mean = float(sums.sum() / max(counts.sum(), 1))
    return Biases(mean, (sums - counts * mean) / (counts + config.bias_shrinkage))


def inputs(ratings: sparse.csr_array, known: Biases, config: ItemModelConfig) -> sparse.csr_array:
    """x, users x movies, from ratings in stars. A user's row depends only on that user."""
    counts = np.diff(ratings.indptr)
    users = np.repeat(np.arange(len(counts)), counts)
    surprise = ratings.data - known.mean - known.movies[ratings.indices]
    user_bias = np.bincount(users, surprise, len(counts)) / (counts + config.bias_shrinkage)
    values = 1 + config.rating_weight * (surprise - user_bias[users])
    return sparse.csr_array((values, ratings.indices, ratings.indptr), shape=ratings.shape)


def scale_users(x: sparse.csr_array, exponent: float) -> sparse.csr_array:
    """Each row times (n_u / 100)^(exponent / 2), so that its square has the whole power.

    Rounded to multiples of STEP: see the module's docstring.
    """
    counts = np.diff(x.indptr)
    weights = (np.maximum(counts, 1) / 100) ** (exponent / 2)
    values = np.rint(x.data * np.repeat(weights, counts) / STEP) * STEP
    return sparse.csr_array((values, x.indices, x.indptr), shape=x.shape)


def gram_tiles(x: sparse.csr_array, tile: int = TILE, total: Tiles | None = None) -> Tiles:
    """x' x as tiles (row, column) of its upper triangle, added to `total` if given."""
    total = {} if total is None else total
    for start in range(0, x.shape[0], USERS_AT_ONCE):
        for key, values in _tiles_of(x[start : start + USERS_AT_ONCE], tile):
            if key in total:
                total[key] += values
            else:
                total[key] = values
    return total


def _tiles_of(x: sparse.csr_array, tile: int) -> Iterator[tuple[tuple[int, int], Tile]]:
    """Yield tiles one by one: a second set would take as much memory as the matrix."""
    columns = x.tocsc()
    parts = [columns[:, start : start + tile] for start in range(0, x.shape[1], tile)]
    for i, j in tile_keys(x.shape[1], tile):
        yield (i, j), (parts[i].T @ parts[j]).toarray()


def tile_keys(movies: int, tile: int = TILE) -> list[tuple[int, int]]:
    """The keys of the tiles of the upper triangle."""
    count = -(-movies // tile)
    return [(i, j) for i in range(count) for j in range(i, count)]


def popped(tiles: Tiles) -> Iterator[tuple[tuple[int, int], Tile]]:
    """Yield the tiles one by one, removing each from `tiles`."""
    for key in sorted(tiles):
        yield key, tiles.pop(key)


def assemble(
    tiles: Iterable[tuple[tuple[int, int], Tile]], movies: int, tile: int = TILE
) -> Matrix:
    """The upper triangle in single precision, (movies, movies), column by column as LAPACK wants.

    Takes the tiles one by one, so that not all of them and the matrix are in memory at once.
    """
    gram = np.zeros((movies, movies), np.float32, order="F")
    for (i, j), values in tiles:
        rows, columns = values.shape
        gram[i * tile : i * tile + rows, j * tile : j * tile + columns] = values
    return gram


def with_genres(
    tiles: Iterable[tuple[tuple[int, int], Tile]],
    genres: NDArray[np.float64],
    weight: float,
    tile: int = TILE,
) -> Iterator[tuple[tuple[int, int], Tile]]:
    """The tiles with weight F' F added, from genres as (movies, genres) of 0 and 1."""
    f = np.sqrt(weight) * genres / np.sqrt(np.maximum(genres.sum(axis=0), 1))
    for (i, j), values in tiles:
        rows, columns = f[i * tile : (i + 1) * tile], f[j * tile : (j + 1) * tile]
        yield (i, j), values + rows @ columns.T


def ridge(counts: NDArray[np.int64], l2: float | None) -> float:
    """The penalty as given, else 90 sqrt(mean ratings per kept movie). Its optimum is flat."""
    if l2 is not None:
        return l2
    return 90 * float(np.sqrt(counts.mean())) if len(counts) else 90.0


def invert(gram: Matrix) -> Matrix:
    """Invert, in place, a positive definite matrix given by its upper triangle.

    Cholesky: potrf and potri, 9.6 s at 13,000 movies on two cores. Returns all of it, row by row.
    """
    factor, failed = lapack.spotrf(gram, lower=0, clean=0, overwrite_a=1)
    if not failed:
        inverse, failed = lapack.spotri(factor, lower=0, overwrite_c=1)
    if failed:
        raise JobError(
            "a model's matrix cannot be inverted: give a larger ridge penalty, --model items.l2=N "
            "and --model visitors.l2=N"
        )
    return mirrored(inverse.T)


def mirrored(lower: Matrix, block: int = TILE) -> Matrix:
    """Copy the lower triangle to the upper, in blocks to save memory."""
    for start in range(0, len(lower), block):
        stop = min(start + block, len(lower))
        corner = np.tril(lower[start:stop, start:stop])
        lower[start:stop, start:stop] = corner + np.tril(corner, -1).T
        lower[start:stop, stop:] = lower[stop:, start:stop].T
    return lower


def solve(gram: Matrix, *, l2: float, dropout: float) -> Matrix:
    """B before damping, (movies, movies), in the memory of `gram`, given by its upper half."""
    diagonal = np.einsum("ii->i", gram)
    diagonal += np.float32(l2) + np.float32(dropout) * diagonal
    weights = invert(gram)
    weights /= -np.diag(weights).copy()
    np.fill_diagonal(weights, 0)
    return weights


def damping_factors(counts: NDArray[np.int64], exponent: float) -> NDArray[np.float64]:
    """((d_j + 5) / 50)^-exponent, (movies,)."""
    return np.asarray(((counts + 5) / 50) ** -exponent, np.float64)


def fit(
    tiles: Iterable[tuple[tuple[int, int], Tile]],
    counts: NDArray[np.int64],
    genres: NDArray[np.float64] | None,
    config: ItemModelConfig,
) -> Matrix:
    """B, (movies, movies), from the sum of all users' tiles and the movies' genres."""
    if genres is not None:
        tiles = with_genres(tiles, genres, config.genre_weight)
    penalty = ridge(counts, config.l2)
    weights = solve(assemble(tiles, len(counts)), l2=penalty, dropout=config.dropout)
    weights *= damping_factors(counts, config.damping).astype(np.float32)
    return weights


def fit_ratings(
    ratings: sparse.csr_array, genres: NDArray[np.float64] | None, config: ItemModelConfig
) -> tuple[sparse.csr_array, Matrix]:
    """(x, B) from the ratings of kept movies, in stars, in one process."""
    x = inputs(ratings, biases(ratings, config), config)
    tiles = gram_tiles(scale_users(x, config.user_exponent))
    return x, fit(popped(tiles), support(ratings), genres, config)
