"""Ratings for the models: a matrix of them by chance, or columns as a file gives them."""

import numpy as np

from spark_jobs.evaluation.splits import matrix
from spark_jobs.input.ratings.blocks import Ratings
from spark_jobs.model.recommendations.config import ItemModelConfig

CONFIG = ItemModelConfig(min_support=1)
"""Of so few ratings no movie is left out."""


def some_ratings(users=40, movies=12, seed=0):
    """About a third of all pairs, in half stars."""
    generator = np.random.default_rng(seed)
    rated = generator.random((users, movies)) < 0.35
    stars = generator.integers(1, 11, (users, movies)) / 2
    return matrix(*np.nonzero(rated), stars[rated], rated.shape)


def ratings(*rows):
    """Columns from rows of (user, position, half-stars, time)."""
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    return Ratings(columns[0], columns[1].astype(np.int32), columns[2].astype(np.int8), columns[3])
