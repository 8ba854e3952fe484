"""Find the largest of many numbers without sorting them all."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def largest(values: NDArray[Any], limit: int) -> NDArray[np.int64]:
    """Positions of the `limit` largest, ascending. Ties go to the lower positions."""
    if len(values) <= limit:
        return np.arange(len(values))
    border = least_of_largest(values, limit)
    above, at = np.flatnonzero(values > border), np.flatnonzero(values == border)
    return np.sort(np.concatenate([above, at[: limit - len(above)]]))


def least_of_largest(values: NDArray[Any], limit: int) -> Any:
    """The smallest of the `limit` largest of more than that many."""
    return np.partition(values, len(values) - limit)[len(values) - limit]
