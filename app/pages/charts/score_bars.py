"""Scores drawn over the range of their list, so that differences are visible."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH = 240
MARGIN = 4
"""Half the width of a mark, so that it is whole at the ends, too."""
STEPS_A_STAR = 10
LEAST_STARS, MOST_STARS = 0.5, 5.0


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """The range of the bars of a list, in stars."""

    least: float
    most: float

    def x(self, stars: float) -> float:
        """Where a number of stars is drawn."""
        share = (stars - self.least) / (self.most - self.least)
        return round(MARGIN + share * (WIDTH - 2 * MARGIN), 1)


@dataclass(frozen=True, slots=True)
class ScoreBar:
    """A score's mark, and the band of its interval if the run has one."""

    mark: float
    band: float
    band_width: float


def score_range(stars: Iterable[float | None]) -> ScoreRange:
    """The tenths of stars around all scores and bounds; never narrower than two of them."""
    known = [one for one in stars if one is not None] or [LEAST_STARS, MOST_STARS]
    # Rounded first: 4.1 times 10 is a little more than 41.
    least = math.floor(round(min(known) * STEPS_A_STAR, 6))
    most = math.ceil(round(max(known) * STEPS_A_STAR, 6))
    if most - least < 2:
        least, most = least - 1, most + 1
    least = max(least, round(LEAST_STARS * STEPS_A_STAR))
    most = min(most, round(MOST_STARS * STEPS_A_STAR))
    return ScoreRange(least / STEPS_A_STAR, most / STEPS_A_STAR)


def score_bar(
    within: ScoreRange, score: float, lower: float | None, upper: float | None
) -> ScoreBar:
    """The drawing of one score."""
    mark = within.x(score)
    if lower is None or upper is None:
        return ScoreBar(mark, mark, 0)
    start = within.x(lower)
    return ScoreBar(mark, start, round(within.x(upper) - start, 1))
