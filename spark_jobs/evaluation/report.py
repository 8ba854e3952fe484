"""The means of a system's metrics, each with a bootstrap interval over users.

The interval is the 5th and 95th percentile of the means of samples of users, drawn with
replacement from a fixed seed: the same data gives the same figures.
Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993; for ranking metrics Sakai,
SIGIR 2006.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.evaluation.metrics import ListMetrics, Lists, list_metrics, user_metrics

SAMPLES = 1000
SAMPLES_AT_ONCE = 50
SEED = 0


@dataclass(frozen=True)
class Estimate:
    """A mean over users, and its 90 % bootstrap interval."""

    mean: float
    lower: float
    upper: float


@dataclass(frozen=True)
class SystemReport:
    """One line of the table: metrics by name, over `users` users."""

    name: str
    users: int
    metrics: dict[str, Estimate]
    lists: ListMetrics


def bootstrap(values: NDArray[np.float64], samples: int = SAMPLES, seed: int = SEED) -> Estimate:
    """Estimate one metric, (users,); all 0 for no users."""
    if not len(values):
        return Estimate(0.0, 0.0, 0.0)
    generator = np.random.default_rng(seed)
    n = len(values)
    drawn = (
        generator.integers(0, n, (SAMPLES_AT_ONCE, n)) for _ in range(samples // SAMPLES_AT_ONCE)
    )
    means = np.concatenate([values[chosen].mean(axis=1) for chosen in drawn])
    lower, upper = np.percentile(means, [5, 95])
    return Estimate(float(values.mean()), float(lower), float(upper))


def system_report(
    name: str,
    lists: Lists,
    relevant: sparse.csr_array,
    counts: NDArray[np.int64],
    users: int | None = None,
) -> SystemReport:
    """Report on `lists` and `relevant`, with a row for each tested user.

    `counts` are each movie's ratings by the `users` users of the training data, by default as many
    as are tested.
    """
    tested = np.diff(relevant.indptr) > 0
    by_user = user_metrics(lists, relevant)
    metrics = {metric: bootstrap(values) for metric, values in vars(by_user).items()}
    return SystemReport(
        name, int(tested.sum()), metrics, list_metrics(lists[tested], counts, users or len(lists))
    )
