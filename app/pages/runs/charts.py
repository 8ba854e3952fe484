"""The drawings of a run, in SVG units: means against numbers of ratings, and estimates.

Pure geometry. What it looks like is the templates' (`app/_scatter.html`, `app/_intervals.html`)
and the style sheet's.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 360
LEFT, RIGHT = 26, 324
"""Where the plot begins and ends; the names of the curves stand to the right of it."""
TOP, BOTTOM = 22, 232
LEAST_STARS, MOST_STARS = 0.5, 5.0
CURVE_POINTS = 24
OWN_MEANS = (5, 4, 3, 2, 1)
LINE_HEIGHT = 13
"""Labels that are closer than this would run into each other."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A value on an axis, and where it stands there."""

    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The score of movies with one and the same mean; `label_y` is None where there is no room."""

    mean: int
    points: str
    label_y: float | None


@dataclass(frozen=True, slots=True)
class Scatter:
    """Means against numbers of ratings; the axis of ratings is logarithmic."""

    points: str
    """Of a path: a dot for each movie."""
    movies: int
    curves: list[Curve]
    prior: Tick
    floor: Tick | None
    """The least number of ratings of a ranked movie; None where it lies outside."""
    stars: list[Tick]
    ratings: list[Tick]


def scatter(
    movies: Sequence[tuple[int, float]], *, prior_mean: float, prior_weight: float, floor: int
) -> Scatter | None:
    """Of (ratings, mean); None without movies."""
    if not movies:
        return None
    axis = _LogAxis.upto(max(n for n, _ in movies))
    dots = sorted({(round(axis.at(n)), round(_y(mean))) for n, mean in movies})
    return Scatter(
        points="".join(f"M{x} {y}h0" for x, y in dots),
        movies=len(movies),
        curves=_curves(axis, prior_mean, prior_weight),
        prior=Tick(prior_mean, _y(prior_mean)),
        floor=Tick(floor, axis.at(floor)) if 1 <= floor <= axis.most else None,
        stars=[Tick(stars, _y(stars)) for stars in range(1, 6)],
        ratings=axis.ticks(),
    )


@dataclass(frozen=True, slots=True)
class _LogAxis:
    most: int

    @classmethod
    def upto(cls, most: int) -> "_LogAxis":
        return cls(max(most, 10))

    def at(self, n: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * math.log(max(n, 1)) / math.log(self.most), 1)

    def ticks(self) -> list[Tick]:
        """Powers of ten."""
        return [Tick(10**k, self.at(10**k)) for k in range(int(math.log10(self.most)) + 1)]

    def steps(self) -> Iterable[float]:
        return (self.most ** (k / CURVE_POINTS) for k in range(CURVE_POINTS + 1))


def _curves(axis: _LogAxis, prior_mean: float, prior_weight: float) -> list[Curve]:
    """From the top down; a label that would run into the one above is left out."""
    curves, above = [], -math.inf
    for mean in OWN_MEANS:
        scores = [
            (n, (n * mean + prior_weight * prior_mean) / (n + prior_weight)) for n in axis.steps()
        ]
        points = " ".join(f"{axis.at(n)},{_y(score)}" for n, score in scores)
        end = _y(scores[-1][1])
        fits = end - above >= LINE_HEIGHT
        curves.append(Curve(mean, points, end if fits else None))
        above = end if fits else above
    return curves


def _y(stars: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * (stars - LEAST_STARS) / (MOST_STARS - LEAST_STARS), 1)


ROW_HEIGHT = 44
AXIS_HEIGHT = 24
INTERVAL_START, INTERVAL_END = 8, 352


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval, a line of its own with its name above."""

    label: str
    is_ours: bool
    mean: float
    y: float
    x: float
    x_lower: float
    x_upper: float


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """Estimates below one another, over one axis from 0."""

    rows: list[Interval]
    ticks: list[Tick]
    height: int
    bottom: int
    """Where the axis is."""


def intervals(estimates: Sequence[tuple[str, bool, dict[str, float]]]) -> IntervalChart:
    """Of (label, whether it is our own, mean with lower and upper)."""
    most = max((one["upper"] for _, _, one in estimates), default=0.0)
    step = _step(most)
    end = max(math.ceil(most / step - 1e-9), 1) * step

    def at(value: float) -> float:
        return round(INTERVAL_START + (INTERVAL_END - INTERVAL_START) * value / end, 1)

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
    """Between two ticks, so that there are at most six."""
    return next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if most <= 5 * step), 0.2)
