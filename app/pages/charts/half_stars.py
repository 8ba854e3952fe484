"""The histogram of ratings by half-stars, with its values on the bars."""

from dataclasses import dataclass

from app.pages.charts.text import share

TOP, HEIGHT = 20, 120
"""Room for the value above the tallest bar."""
PITCH, WIDTH = 40, 34
LEAST_HEIGHT = 2.0
"""Of a bar whose count is not 0."""
VALUE_GAP = 5
MOST_IN_FULL = 999
"""A larger count would be wider than its bar."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of the histogram."""

    stars: float
    count: int
    share: str
    """Of all ratings, such as 27%."""
    label: str | int
    """The value that is written above it: the count, or the share where counts are large."""
    x: int
    y: float
    width: int
    height: float
    middle: int

    @property
    def value_y(self) -> float:
        """Where the value is written, above the bar."""
        return self.y - VALUE_GAP


def histogram(half_star_counts: dict[str, int]) -> list[Bar]:
    """Ten bars, the tallest as high as the chart."""
    counts = half_star_counts.values()
    tallest, total = max(counts) or 1, sum(counts) or 1
    bars = []
    for place, (stars, count) in enumerate(half_star_counts.items()):
        height = bar_height(count, tallest, HEIGHT)
        part = share(count, total)
        bars.append(
            Bar(
                stars=float(stars),
                count=count,
                share=part,
                label=count if tallest <= MOST_IN_FULL else part,
                x=place * PITCH + (PITCH - WIDTH) // 2,
                y=TOP + HEIGHT - height,
                width=WIDTH,
                height=height,
                middle=place * PITCH + PITCH // 2,
            )
        )
    return bars


def bar_height(count: int, tallest: int, height: int) -> float:
    """The height of a bar, if the tallest has this one; a bar with a count is always visible."""
    return max(round(height * count / tallest, 1), LEAST_HEIGHT) if count else 0.0
