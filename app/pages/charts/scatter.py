"""The mean of each movie against its number of ratings, with curves of the resulting scores."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.pages.charts.axis import Tick

LEFT, RIGHT = 26, 324
"""Where the plot begins and ends; the names of the curves are to the right of it."""
TOP, BOTTOM = 22, 232
LEAST_STARS, MOST_STARS = 0.5, 5.0
CURVE_POINTS = 24
OWN_MEANS = (5, 4, 3, 2, 1)
LINE_HEIGHT = 13
"""Labels closer than this would overlap."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The score of movies with the same mean; `label_y` is None if there is no room."""

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
    """The minimum number of ratings of a ranked movie; None if it lies outside."""
    stars: list[Tick]
    ratings: list[Tick]


def scatter(
    movies: Sequence[tuple[int, float]], *, prior_mean: float, prior_weight: float, floor: int
) -> Scatter | None:
    """The chart of (ratings, mean); None without movies."""
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
    """From the top down; a label that would overlap the one above is left out."""
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
