"""The models of a run, from the ratings by user on the executors.

Each model is a sum over users, computed as tiles on the executors: a task adds up the tiles of all
of its users, so there are as many sets of tiles as cores; then the tiles are added by key, and the
driver takes them one by one into its matrix, which it inverts. With little data the driver makes
all tiles. There are three sums, one after the other: of rating-weighted inputs (known users), of
likes (visitors), of pairs rated by the same user (similar movies). `memory.py` says what is in
memory at once.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import StorageLevel
from scipy import sparse

from spark_jobs.contract import PACKING
from spark_jobs.input.formats.ids import LARGEST_ID, user_number
from spark_jobs.model.recommendations.config import ModelConfig
from spark_jobs.model.recommendations.interactions import Interactions, UserBlock
from spark_jobs.model.recommendations.item_model import (
    Matrix,
    Tile,
    Tiles,
    assemble,
    binary,
    fit,
    gram_tiles,
    inputs,
    mirrored,
    popped,
    ridge,
    scale_users,
    tile_keys,
)
from spark_jobs.model.recommendations.model_facts import ModelFacts
from spark_jobs.model.recommendations.model_movies import ModelMovies, ratings_of
from spark_jobs.model.recommendations.personal import personal_rows
from spark_jobs.model.recommendations.shared_matrix import SharedMatrix
from spark_jobs.model.recommendations.similar import similar_rows
from spark_jobs.model.recommendations.visitor_model import (
    fit_visitors,
    likes,
    visitor_inputs,
    visitor_rows,
)
from spark_jobs.model.rows import DistributedRows

USERS_AT_ONCE = 500
"""Users whose scores of all movies are in memory at once: 26 MB at 13,000 movies."""
FEW_MOVIES, FEW_RATINGS = 5_000, 1_000_000
"""Limit up to which the driver makes the tiles: fetching them from tasks would be slower."""
KeyedTile = tuple[tuple[int, int], Tile]
Rows = Callable[[UserBlock], sparse.csr_array]


@dataclass(frozen=True)
class Models:
    """The models fitted to the same ratings."""

    interactions: Interactions
    movies: ModelMovies
    config: ModelConfig

    @cached_property
    def users(self) -> int:
        """The number of users; 0 if there is no movie to model, when nothing is read."""
        return self.interactions.count_users() if len(self.movies) else 0

    def item_weights(self) -> Matrix:
        """B of the item model."""
        tiles = summed_tiles(self.interactions, self._weighted(), self.movies)
        return fit(tiles, self.movies.counts, self.movies.genres, self.config.items)

    def visitors(self) -> pa.Table:
        """Rows of `app_visitorweights`."""
        position, config = self.movies.position, self.config.visitors
        tiles = summed_tiles(
            self.interactions,
            lambda block: visitor_inputs(likes(ratings_of(block, position), config), config),
            self.movies,
        )
        weights = fit_visitors(tiles, self.movies.likes(config.liked_from), config)
        return visitor_rows(weights, self.movies.movie_ids)

    def similar(self) -> pa.Table:
        """Rows of `app_similarmovie`."""
        position = self.movies.position
        tiles = summed_tiles(
            self.interactions, lambda block: binary(ratings_of(block, position)), self.movies
        )
        together = mirrored(assemble(tiles, len(self.movies)).T)
        return similar_rows(together, self.users, self.movies.movie_ids, self.config.similar)

    def lists(self, weights: SharedMatrix, newest: int | None) -> DistributedRows:
        """Rows of `app_userrecommendation`, for all users or the `newest` who rated last."""
        bound = None
        if newest is not None and newest < self.users:
            bound = self.interactions.newest_users(newest)
        position, ids, to_inputs = self.movies.position, self.movies.movie_ids, self._inputs()

        def make(blocks: Iterable[UserBlock]) -> Iterator[pa.Table]:
            opened = weights.open()
            for block in blocks:
                chosen = block if bound is None else block.where(bound.includes(block))
                ratings = ratings_of(chosen, position)
                users = user_numbers(chosen.users)
                for start in range(0, len(users), USERS_AT_ONCE):
                    group = slice(start, start + USERS_AT_ONCE)
                    yield personal_rows(users[group], to_inputs(ratings[group]), opened, ids)

        made = self.interactions.blocks.mapPartitions(make).persist(StorageLevel.MEMORY_AND_DISK)
        return DistributedRows(made, int(made.map(lambda rows: rows.num_rows).sum()))

    def facts(self, *, lists: int, has_items: bool) -> ModelFacts:
        """Facts about the models; `lists` is the number of users with lists."""
        items, visitors, movies = self.config.items, self.config.visitors, self.movies
        of_movies = {"movies": len(movies)}
        item_l2 = ridge(movies.counts, items.l2)
        visitor_l2 = ridge(movies.likes(visitors.liked_from), visitors.l2)
        return {
            "packing": PACKING,
            "items": asdict(items) | of_movies | {"users": self.users, "l2": item_l2}
            if has_items
            else None,
            "visitors": asdict(visitors) | of_movies | {"l2": visitor_l2},
            "similar": asdict(self.config.similar) | of_movies | {"users": self.users},
            "users": lists,
        }

    def _inputs(self) -> Callable[[sparse.csr_array], sparse.csr_array]:
        known, config = self.movies.biases(self.config.items), self.config.items
        return lambda ratings: inputs(ratings, known, config)

    def _weighted(self) -> Rows:
        to_inputs, position = self._inputs(), self.movies.position
        exponent = self.config.items.user_exponent
        return lambda block: scale_users(to_inputs(ratings_of(block, position)), exponent)


def user_numbers(users: NDArray[np.int64]) -> NDArray[np.int64]:
    """The users' numbers in the tables: their ids, or the numbers of text ids."""
    if users.max(initial=0) <= LARGEST_ID:
        return users
    return np.array([user_number(user) for user in users.tolist()], np.int64)


def summed_tiles(
    interactions: Interactions, rows: Rows, movies: ModelMovies
) -> Iterator[KeyedTile]:
    """The tiles of the sum of x' x over all users, where `rows` makes x from their ratings."""

    def of_task(blocks: Iterable[UserBlock]) -> Iterator[KeyedTile]:
        total: Tiles = {}
        for block in blocks:
            gram_tiles(rows(block), total=total)
        return popped(total)

    blocks, keys = interactions.blocks, tile_keys(len(movies))
    if len(movies) <= FEW_MOVIES and movies.counts.sum() <= FEW_RATINGS:
        return of_task(blocks.collect())
    sets = blocks.coalesce(blocks.context.defaultParallelism).mapPartitions(of_task)
    return sets.partitionBy(len(keys), keys.index).mapPartitions(_added).toLocalIterator()


def _added(tiles: Iterable[KeyedTile]) -> Iterator[KeyedTile]:
    total: Tiles = {}
    for key, values in tiles:
        total[key] = total[key] + values if key in total else values
    return popped(total)
