"""The rank of a movie over the kept runs: the first rank is at the top."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.pages.charts.text import width

WIDTH = 360
TOP, HEIGHT = 28, 56
"""Room for the ranks above the points."""
SIDE = 32
VALUE_GAP, VALUE_GAP_BELOW = 11, 20
GAP = 4
RUN = "run {}"
"""About as wide in any language."""


@dataclass(frozen=True, slots=True)
class Point:
    """The rank in a run."""

    run: int
    rank: int
    x: float
    y: float
    has_rank: bool
    """Whether the rank is written above it: there is room beside those of the neighbours."""
    has_run: bool
    """Whether the run is written below it."""
    shown: bool
    """The run that the page is of."""

    is_valley: bool
    """Whether the lines come from above, so that the rank is written below."""

    @property
    def value_y(self) -> float:
        """Where the rank is written."""
        return self.y + VALUE_GAP_BELOW if self.is_valley else self.y - VALUE_GAP


@dataclass(frozen=True, slots=True)
class Segment:
    """The line from a run to the next one if the movie has a rank in both."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class RankHistory:
    """The points by ascending runs; a run without a rank leaves a gap."""

    points: list[Point]
    segments: list[Segment]


def rank_history(ranks: Sequence[tuple[int, int | None]], *, shown: int) -> RankHistory | None:
    """The chart of (run, rank) by ascending runs; None without two ranks to compare."""
    known = [rank for _, rank in ranks if rank is not None]
    if len(known) < 2:
        return None
    pitch = (WIDTH - 2 * SIDE) / (len(ranks) - 1)
    places = [place for place, (_, rank) in enumerate(ranks) if rank is not None]
    places.sort(key=lambda place: (place not in (0, len(ranks) - 1), ranks[place][0] != shown))
    with_rank = _apart(places, pitch, f"{max(known):,}")
    with_run = _apart(places, pitch, RUN.format(max(run for run, _ in ranks)))
    points = {
        place: Point(
            run=ranks[place][0],
            rank=rank,
            x=round(SIDE + place * pitch, 1),
            y=_height(rank, min(known), max(known)),
            has_rank=place in with_rank,
            has_run=place in with_run,
            shown=ranks[place][0] == shown,
            is_valley=_is_valley(ranks, place),
        )
        for place, (_, rank) in enumerate(ranks)
        if rank is not None
    }
    return RankHistory(list(points.values()), _segments(points))


def _height(rank: int, best: int, worst: int) -> float:
    """The height of a point; if all ranks are the same, the line goes through the middle."""
    part = (rank - best) / (worst - best) if worst > best else 0.5
    return round(TOP + HEIGHT * part, 1)


def _is_valley(ranks: Sequence[tuple[int, int | None]], place: int) -> bool:
    beside = [ranks[one][1] for one in (place - 1, place + 1) if 0 <= one < len(ranks)]
    neighbours = [rank for rank in beside if rank is not None]
    return bool(neighbours) and max(neighbours) < (ranks[place][1] or 0)


def _segments(points: dict[int, Point]) -> list[Segment]:
    return [
        Segment(points[one].x, points[one].y, points[other].x, points[other].y)
        for one, other in pairwise(points)
        if other == one + 1
    ]


def _apart(places: Sequence[int], pitch: float, widest: str) -> set[int]:
    """The places where text fits without touching; earlier ones have priority."""
    found: set[int] = set()
    for place in places:
        if all(abs(place - other) * pitch >= width(widest) + GAP for other in found):
            found.add(place)
    return found
