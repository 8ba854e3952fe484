"""Estimates with their intervals, one below the other over one axis from 0."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.pages.charts.axis import Tick

ROW_HEIGHT = 44
AXIS_HEIGHT = 24
LEFT, RIGHT = 8, 352


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval, on its own line with its name above."""

    label: str
    is_ours: bool
    mean: float
    y: float
    x: float
    x_lower: float
    x_upper: float


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """Estimates one below the other, over one axis from 0."""

    rows: list[Interval]
    ticks: list[Tick]
    height: int
    bottom: int
    """Where the axis is."""


def intervals(estimates: Sequence[tuple[str, bool, dict[str, float]]]) -> IntervalChart:
    """The chart of (label, whether it is our own, mean with lower and upper)."""
    most = max((one["upper"] for _, _, one in estimates), default=0.0)
    step = _step(most)
    end = max(math.ceil(most / step - 1e-9), 1) * step

    def at(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * value / end, 1)

    rows = [
        Interval(
            label=label,
            is_ours=is_ours,
            mean=one["mean"],
            y=row * ROW_HEIGHT + 30,
            x=at(one["mean"]),
            x_lower=at(one["lower"]),
            x_upper=at(one["upper"]),
        )
        for row, (label, is_ours, one) in enumerate(estimates)
    ]
    ticks = [Tick(round(k * step, 3), at(k * step)) for k in range(round(end / step) + 1)]
    bottom = len(rows) * ROW_HEIGHT
    return IntervalChart(rows, ticks, bottom + AXIS_HEIGHT, bottom)


def _step(most: float) -> float:
    """The step between two ticks, so that there are at most six."""
    return next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if most <= 5 * step), 0.2)
