"""The drawings of the pages, in SVG units: histograms of ratings, and the scale of the stars."""

from dataclasses import dataclass

CHART_HEIGHT = 120
BAR_WIDTH = 28
SCALE_START, SCALE_WIDTH = 10, 280


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of the histogram."""

    stars: float
    count: int
    x: int
    y: float
    width: int
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A value on the scale from half a star to five."""

    stars: float
    x: float


def histogram(half_star_counts: dict[str, int]) -> list[Bar]:
    """Ten bars, the tallest as high as the chart."""
    tallest = max(half_star_counts.values()) or 1
    bars = []
    for place, (stars, count) in enumerate(half_star_counts.items()):
        height = round(CHART_HEIGHT * count / tallest, 1)
        x = place * (BAR_WIDTH + 4)
        bars.append(Bar(float(stars), count, x, CHART_HEIGHT - height, BAR_WIDTH, height))
    return bars


def mark(stars: float) -> Mark:
    """Where a number of stars stands on the scale."""
    return Mark(stars, round(SCALE_START + (stars - 0.5) / 4.5 * SCALE_WIDTH, 1))
