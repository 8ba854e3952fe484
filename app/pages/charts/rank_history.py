"""The rank of a movie over the runs that are kept: the first rank is at the top."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.pages.charts.text import width

WIDTH = 360
TOP, HEIGHT = 28, 56
"""Above the points their ranks are written."""
SIDE = 32
VALUE_GAP = 11


@dataclass(frozen=True, slots=True)
class Point:
    """The rank in a run."""

    run: int
    rank: int
    x: float
    y: float
    has_label: bool
    """Whether there is room for the rank beside those of the neighbours."""
    shown: bool
    """The run that the page is of."""

    @property
    def value_y(self) -> float:
        """Where the rank is written."""
        return self.y - VALUE_GAP


@dataclass(frozen=True, slots=True)
class Segment:
    """The way from a run to the next one in which the movie has a rank, too."""

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
    """Of (run, rank) by ascending runs; None where there are not two ranks to compare."""
    known = [rank for _, rank in ranks if rank is not None]
    if len(known) < 2:
        return None
    pitch = (WIDTH - 2 * SIDE) / (len(ranks) - 1)
    labelled = _labelled(ranks, pitch, shown)
    best, spread = min(known), max(known) - min(known) or 1
    points = {
        place: Point(
            run=run,
            rank=rank,
            x=round(SIDE + place * pitch, 1),
            # One and the same rank is a line through the middle.
            y=round(TOP + HEIGHT * ((rank - best) / spread if len(set(known)) > 1 else 0.5), 1),
            has_label=place in labelled,
            shown=run == shown,
        )
        for place, (run, rank) in enumerate(ranks)
        if rank is not None
    }
    return RankHistory(
        list(points.values()),
        [
            Segment(points[one].x, points[one].y, points[other].x, points[other].y)
            for one, other in pairwise(points)
            if other == one + 1
        ],
    )


def _labelled(ranks: Sequence[tuple[int, int | None]], pitch: float, shown: int) -> set[int]:
    """The places whose ranks can be written without touching: the ends and the shown run first."""
    wanted = [0, len(ranks) - 1]
    wanted += [place for place, (run, _) in enumerate(ranks) if run == shown]
    wanted += range(1, len(ranks) - 1)
    widest = max(width(f"{rank:,}") for _, rank in ranks if rank is not None)
    taken: set[int] = set()
    for place in wanted:
        if ranks[place][1] is not None and all(
            place == other or abs(place - other) * pitch >= widest + 4 for other in taken
        ):
            taken.add(place)
    return taken
