"""Spark's implicit ALS as a baseline, on request: what a Spark user would try first.

Rank 50, alpha 10, regularisation 0.1, 15 iterations: usual values, not tuned on this data.
Source: Hu, Koren & Volinsky, Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008.
"""

from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame
from scipy import sparse

from spark_jobs.session import start_spark

RANK, ALPHA, REGULARISATION, ROUNDS, SEED = 50, 10.0, 0.1, 15, 42


def als(history: sparse.csr_array) -> NDArray[np.float64]:
    """Scores, users x movies, for the users of these ratings."""
    users, movies = _factors(history)
    return np.asarray(users @ movies.T)


def _factors(history: sparse.csr_array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(users, RANK) and (movies, RANK); 0 for users and movies without ratings."""
    users, movies = history.shape
    pairs = history.tocoo()
    rows = [(int(u), int(i), 1.0) for u, i in zip(pairs.row, pairs.col, strict=True)]
    with start_spark() as spark, TemporaryDirectory() as folder:
        # Each iteration adds to the lineage, until it is too deep for the stack.
        spark.context.setCheckpointDir(folder)
        model = ALS(
            rank=RANK, alpha=ALPHA, regParam=REGULARISATION, maxIter=ROUNDS, seed=SEED,
            implicitPrefs=True, checkpointInterval=3,
        ).fit(spark.session.createDataFrame(rows, "user int, item int, rating float"))  # fmt: skip
        return _dense(model.userFactors, users), _dense(model.itemFactors, movies)


def _dense(factors: DataFrame, rows: int) -> NDArray[np.float64]:
    dense = np.zeros((rows, RANK))
    for row in factors.collect():
        dense[row["id"]] = row["features"]
    return dense
