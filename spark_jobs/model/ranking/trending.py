"""What is rising: decayed support.

    trend_j = sum over months of c_jt 2^(-(now - t) / h)

c_jt is the number of ratings of movie j in month t, h the half-life in months, 'now' the newest
month of the data. h is the one that would have predicted the data's own past best: nDCG@20 of the
next period's counts, over up to 20 periods. Counts without decay (h infinite) are among the
candidates, so data without trends gets them. All orders of movies with equal scores count the
same, so how movies are numbered does not matter.

The resolution is a month: a half-life below one says little more than 'this month'.

Source: exponential decay as in Cormode et al., Forward Decay, ICDE 2009; nDCG with graded gains:
Jarvelin & Kekalainen, TOIS 2002; with ties: McSherry & Najork, ECIR 2008.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

HALF_LIVES = (0.25, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, math.inf)  # months
PERIODS = 20
CUTOFF = 20
LONG_DATA = 36  # months from which a period is a quarter; below that it is a month


@dataclass(frozen=True)
class HalfLife:
    """The choice in months, and the mean nDCG@20 of each candidate; empty if none was tested."""

    months: float
    ndcg: dict[float, float]


ByMonth: TypeAlias = NDArray[np.int64] | sparse.sparray
"""Counts, (movies, months), the newest month last."""


def decayed_support(by_month: ByMonth, half_life: float) -> NDArray[np.float64]:
    """The decayed support of each movie, in ratings of today."""
    return _decayed(by_month, np.array([half_life]), by_month.shape[1])[:, 0]


def choose_half_life(by_month: ByMonth) -> HalfLife:
    """Choose by back-testing: infinite if the data is too short; of equals the longest."""
    tested = _back_test(by_month)
    if not tested:
        return HalfLife(math.inf, {})
    ndcg = dict(zip(HALF_LIVES, np.mean(tested, axis=0).tolist(), strict=True))
    return HalfLife(max(HALF_LIVES, key=lambda h: (ndcg[h], h)), ndcg)


def _back_test(by_month: ByMonth) -> list[list[float]]:
    """nDCG@20 by half-life in each period with ratings in it and before it."""
    periods = _periods(by_month.shape[1])
    if not periods:
        return []
    half_lives = np.array(HALF_LIVES)
    begin = periods[0].start
    support = _decayed(by_month, half_lives, begin)
    recent = sparse.csc_array(by_month[:, begin:], dtype=np.float64)  # a period at a time
    tested = []
    for period in periods:
        added = recent[:, period.start - begin : period.stop - begin]
        gains = added.sum(axis=1)
        if support.any() and gains.any():
            ideal = _dcg(np.sort(gains)[::-1][:CUTOFF])
            tested.append([_expected_dcg(scores, gains) / ideal for scores in support.T])
        aged = support * 0.5 ** ((period.stop - period.start) / half_lives)
        support = aged + _decayed(added, half_lives, added.shape[1])
    return tested


def _decayed(by_month: ByMonth, half_lives: NDArray[np.float64], stop: int) -> NDArray[np.float64]:
    """(movies, half-lives), of the months before `stop`."""
    age = np.arange(stop)[::-1]
    weights = np.zeros((by_month.shape[1], len(half_lives)))
    weights[:stop] = 0.5 ** (age[:, None] / half_lives)
    return np.asarray(by_month @ weights, np.float64)


def _periods(months: int) -> list[slice]:
    """The last periods in order, the first with as much data before it."""
    length = 3 if months >= LONG_DATA else 1
    starts = range(months - length, length - 1, -length)[:PERIODS]
    return [slice(start, start + length) for start in reversed(starts)]


def _expected_dcg(scores: NDArray[np.float64], gains: NDArray[np.float64]) -> float:
    """DCG@20, averaged over all orders of equal scores."""
    cutoff = min(CUTOFF, len(scores))
    is_head = scores >= np.partition(scores, -cutoff)[-cutoff]
    _, level = np.unique(-scores[is_head], return_inverse=True)
    expected = np.bincount(level, weights=gains[is_head]) / np.bincount(level)
    return _dcg(expected[np.sort(level)][:cutoff])


def _dcg(gains: NDArray[np.float64]) -> float:
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())
