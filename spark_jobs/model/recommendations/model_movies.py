"""The movies that the models know, and their ratings."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.contract import HALF_STARS
from spark_jobs.model.aggregation.counts import Counts
from spark_jobs.model.recommendations.config import ItemModelConfig
from spark_jobs.model.recommendations.interactions import UserBlock
from spark_jobs.model.recommendations.item_model import Biases, biases_of, kept_movies

STARS = np.array(HALF_STARS) / 2
OUT = -1


@dataclass(frozen=True)
class ModelMovies:
    """The movies with enough ratings, by ascending ids; the models refer to them by position.

    `half_stars` is (movies, 10), `position` has an entry for each movie of the catalogue: its
    position here, or OUT. Genres are (movies, genres) of 0 and 1.
    """

    movie_ids: NDArray[np.int32]
    half_stars: NDArray[np.int64]
    genres: NDArray[np.float64]
    position: NDArray[np.int32]

    @classmethod
    def of(cls, movies: pa.Table, counts: Counts, config: ItemModelConfig) -> "ModelMovies":
        """`movies` is the catalogue, `counts` has a row for each of them."""
        kept = kept_movies(counts.half_stars.sum(axis=1), config)
        position = np.full(movies.num_rows, OUT, np.int32)
        position[kept] = np.arange(len(kept))
        chosen = movies.take(pa.array(kept))
        ids: NDArray[np.int32] = chosen["movie_id"].to_numpy()
        genres = genre_matrix(chosen["genres"].to_pylist())
        return cls(ids, counts.half_stars[kept], genres, position)

    def __len__(self) -> int:
        return len(self.movie_ids)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Ratings of each movie, (movies,)."""
        return np.asarray(self.half_stars.sum(axis=1))

    def likes(self, liked_from: float) -> NDArray[np.int64]:
        """Ratings of each movie with at least that many stars, (movies,)."""
        return np.asarray(self.half_stars[:, liked_from <= STARS].sum(axis=1))

    def biases(self, config: ItemModelConfig) -> Biases:
        """Biases from the integer counts, so they do not depend on the order of the ratings."""
        return biases_of(self.counts, self.half_stars @ STARS, config)


def genre_matrix(genres: list[list[str]]) -> NDArray[np.float64]:
    """(movies, genres) of 0 and 1, from the names of each movie's genres."""
    names = sorted({name for some in genres for name in some})
    return np.array([[name in some for name in names] for some in genres], np.float64).reshape(
        len(genres), len(names)
    )


def ratings_of(block: UserBlock, position: NDArray[np.int32]) -> sparse.csr_array:
    """Stars, users x the models' movies, columns ascending. A user may have an empty row."""
    columns = position[block.movie_index]
    kept = columns != OUT
    before = np.concatenate([[0], np.cumsum(kept)])
    stars = block.half_stars[kept] / 2
    shape = (len(block.users), int(position.max(initial=OUT)) + 1)
    return sparse.csr_array((stars, columns[kept], before[block.indptr]), shape=shape)
