"""Split a folder's ratings into those to learn from and those to test with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.quality.data import Dataset, core, read_pairs
from spark_jobs.evaluation import splits

TRAIN_SHARE = 0.75
CUTS = (0.6, 0.7, 0.8, 0.9)
SEED = 42


@dataclass(frozen=True)
class Split:
    """Ratings to learn from, and those of known users to test with, (users, movies)."""

    train: Dataset
    test: sparse.csr_array

    @property
    def users(self) -> NDArray[np.int64]:
        """The tested users."""
        return np.flatnonzero(np.diff(self.test.indptr))


def folder_splits(data: Dataset, seed: int = SEED) -> Iterator[Split]:
    if data.name == "ml-latest-small":
        return (split_at(data, splits.temporal_test(data.rated_at, cut)) for cut in CUTS)
    test = splits.random_test_by_movie(data.movie_index, TRAIN_SHARE, seed)
    return iter([split_at(data, test)])


def quest_splits(data: Dataset, tests: Iterable[Path]) -> Iterator[Split]:
    liked = core(data.where(data.stars >= 4), 10)
    for path in tests:
        yield split_at(liked, np.isin(liked.pairs(), read_pairs(path, liked)))


def split_at(data: Dataset, test: NDArray[np.bool_]) -> Split:
    """Split off the test ratings, only of users that are in the training data."""
    train = data.where(~test)
    known = np.diff(train.matrix().indptr) > 0
    return Split(train, data.where(test & known[data.user_index]).matrix())
