"""What is rising: decayed support.

    trend_j = sum over months of c_jt 2^(-(now - t) / h)

c_jt is the number of ratings of movie j in month t, h the half-life in months, 'now' the newest
month of the data. h is the one that would have foretold the data's own past best: nDCG@20 of the
next period's counts, over as many periods as there are up to 20. Counts without end (h infinite)
are among the candidates, so data without trends says so.

Source: exponential decay as in Cormode et al., Forward Decay, ICDE 2009; nDCG with graded gains:
Jarvelin & Kekalainen, TOIS 2002.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HALF_LIVES = (0.25, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, math.inf)  # months
PERIODS = 20
CUTOFF = 20
LONG_DATA = 36  # months from which a period is a quarter, below it is a month


@dataclass(frozen=True)
class HalfLife:
    """The choice in months, and the mean nDCG@20 of each candidate; none if it was not tested."""

    months: float
    ndcg: dict[float, float]


def decayed_support(by_month: NDArray[np.int64], half_life: float) -> NDArray[np.float64]:
    """From counts, (movies, months), the newest month last: (movies,), in ratings of today."""
    age = np.arange(by_month.shape[1])[::-1]
    return np.asarray(by_month @ 0.5 ** (age / half_life), np.float64)


def choose_half_life(by_month: NDArray[np.int64]) -> HalfLife:
    """By back-testing. Infinite where the data is too short; of equals the longest."""
    starts = _periods(by_month.shape[1])
    tested = [start for start in starts if by_month[:, : start.start].any()]
    tested = [period for period in tested if by_month[:, period].any()]
    if not tested:
        return HalfLife(math.inf, {})
    ndcg = {h: float(np.mean([_foretold(by_month, p, h) for p in tested])) for h in HALF_LIVES}
    return HalfLife(max(HALF_LIVES, key=lambda h: (ndcg[h], h)), ndcg)


def _periods(months: int) -> list[slice]:
    """The last periods, none that overlap, each with as much before it."""
    length = 3 if months >= LONG_DATA else 1
    starts = range(months - length, length - 1, -length)
    return [slice(start, start + length) for start in starts][:PERIODS]


def _foretold(by_month: NDArray[np.int64], period: slice, half_life: float) -> float:
    """nDCG@20 of the order before the period, gains being the counts in it."""
    scores = decayed_support(by_month[:, : period.start], half_life)
    gains = by_month[:, period].sum(axis=1)
    order = np.argsort(-scores, kind="stable")[:CUTOFF]
    return _dcg(gains[order]) / _dcg(np.sort(gains)[::-1][:CUTOFF])


def _dcg(gains: NDArray[np.int64]) -> float:
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())
