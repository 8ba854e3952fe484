"""Measure the ranked lists of known users over all movies, without sampled negatives."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.evaluation.metrics import K, Lists, top_lists
from spark_jobs.evaluation.report import SystemReport, system_report
from spark_jobs.evaluation.sample import Sample
from spark_jobs.evaluation.systems import RankingParameters, Score, systems
from spark_jobs.model.recommendations.config import ItemModelConfig

USERS_AT_ONCE = 500


@dataclass(frozen=True)
class SplitReport:
    """The number of ratings in each part, and a report for each system."""

    train: int
    test: int
    systems: list[SystemReport]


def split_report(
    sample: Sample,
    test: NDArray[np.bool_],
    items: ItemModelConfig,
    ranking: RankingParameters,
    *,
    has_times: bool,
) -> SplitReport:
    """Learn from all ratings but `test`, (ratings,). Only known users are tested."""
    train = sample.where(~test)
    known = np.bincount(train.user_index, minlength=sample.users) > 0
    tested = sample.where(test & known[sample.user_index])
    users = np.unique(tested.user_index)
    relevant = tested.matrix[users]
    reports = [
        system_report(name, lists(score, train, users), relevant, train.counts, sample.users)
        for name, score in systems(train, items, ranking, has_times=has_times).items()
    ]
    return SplitReport(len(train), len(tested), reports)


def lists(score: Score, train: Sample, users: NDArray[np.int64]) -> Lists:
    """The best ten unseen movies of each user, computed in batches of users."""
    parts = [top_lists(score(history), history) for history in _parts(train, users)]
    return np.vstack(parts) if parts else np.empty((0, K), np.int64)


def _parts(train: Sample, users: NDArray[np.int64]) -> Iterator[sparse.csr_array]:
    for start in range(0, len(users), USERS_AT_ONCE):
        yield train.matrix[users[start : start + USERS_AT_ONCE]]
