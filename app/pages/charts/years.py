"""Ratings by year, a column each, including years without any."""

from dataclasses import dataclass
from datetime import date

from app.catalogue.runs import RunFigures
from app.pages.charts.half_stars import VALUE_GAP, bar_height
from app.pages.charts.text import kept_inside, width

WIDTH = 360
TOP, HEIGHT = 20, 84
WIDEST = 40
GAP = 4
LABEL_PITCH = 48
"""Minimum distance between two written years."""


@dataclass(frozen=True, slots=True)
class YearColumn:
    """The ratings of one year."""

    year: int
    count: int
    x: float
    y: float
    width: float
    height: float
    value_x: float | None
    """Where the count is written above it; None if there is no room."""
    year_x: float | None
    """Where the year is written below it; None if there is no room."""

    @property
    def value_y(self) -> float:
        """Where the count is written."""
        return self.y - VALUE_GAP


def year_columns(years: dict[str, int]) -> list[YearColumn]:
    """From the first year with ratings to the last; empty without ratings by year."""
    if not years:
        return []
    first, last = int(min(years)), int(max(years))
    counts = [years.get(str(year), 0) for year in range(first, last + 1)]
    pitch = min(WIDTH / len(counts), WIDEST)
    tallest, every = max(counts), -(-LABEL_PITCH // max(int(pitch), 1))
    valued = _valued(counts, pitch)
    return [
        YearColumn(
            year=first + place,
            count=count,
            x=round(place * pitch + 0.1 * pitch, 1),
            y=round(TOP + HEIGHT - bar_height(count, tallest, HEIGHT), 1),
            width=round(0.8 * pitch, 1),
            height=bar_height(count, tallest, HEIGHT),
            value_x=valued.get(place),
            year_x=_middle(place, pitch, "2000")
            if (len(counts) - 1 - place) % every == 0
            else None,
        )
        for place, count in enumerate(counts)
    ]


def _middle(place: int, pitch: float, text: str) -> float:
    return kept_inside((place + 0.5) * pitch, text, WIDTH)


def _valued(counts: list[int], pitch: float) -> dict[int, float]:
    """Where counts are written: those of the tallest columns first, as many as fit side by side."""
    widest = f"{max(counts):,}"
    found: dict[int, float] = {}
    for place in sorted(range(len(counts)), key=lambda place: -counts[place]):
        x = _middle(place, pitch, widest)
        if counts[place] and all(abs(x - other) >= width(widest) + GAP for other in found.values()):
            found[place] = x
    return found


def years_chart(ratings: dict[str, int], run: RunFigures) -> dict[str, object]:
    """What `_years.html` shows: the columns, and whether the data ends within the last of them."""
    columns, newest = year_columns(ratings), (run.trending or {}).get("newest_month")
    month = date.fromisoformat(f"{newest}-01") if newest else None
    is_open = bool(columns and month and columns[-1].year == month.year)
    return {"years": columns, "newest_month": month, "is_last_year_open": is_open}
