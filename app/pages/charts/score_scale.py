"""The score between the mean of all ratings and the movie's own, on a zoomed-in axis.

The score always lies between both means. So the label of the left mean goes to the left, that of
the right one to the right, and the line that leads from the score down to the axis runs between
them. The score and its interval have a lane of their own above: no figures make anything collide.
"""

from dataclasses import dataclass

WIDTH = 360
MIDDLE = WIDTH / 2
LABEL_ROOM = 116
"""For the label of a mean, on either side."""
EDGE = 14
"""Minimum distance of ticks, and of the ends of the interval, from the edges."""
LEAST_SPAN = 0.5
"""Minimum number of stars on the axis: 0.01 stars should not look like a gulf."""
LABEL_GAP = 8
"""Between a label and the line of the score."""
TICK_STEPS = (0.1, 0.2, 0.5, 1.0)
TICK_ROOM = 36
SCORE_LABEL_ROOM = 60
"""Half the width of the score's label."""
SQUARE = 12
LEAST, MOST = 0.5, 5.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A value on the axis."""

    stars: float
    x: float

    @property
    def left(self) -> float:
        """Where its square begins."""
        return self.x - SQUARE / 2


@dataclass(frozen=True, slots=True)
class Label:
    """Where the label of a mark is, and on which side of that (`text-anchor`)."""

    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """The axis with its marks and labels."""

    start: float
    end: float
    ticks: list[Mark]
    decimals: int
    """Of the ticks' stars."""
    prior: Mark
    own: Mark
    score: Mark
    lower: Mark | None
    upper: Mark | None
    prior_label: Label
    own_label: Label
    score_label: Label


def score_scale(
    *,
    prior: float,
    own: float,
    score: float,
    interval: tuple[float, float] | None = None,
) -> ScoreScale:
    """The axis around both means, wide enough for the interval, too."""
    centre = (prior + own) / 2
    unit = _stars_a_unit(abs(own - prior), centre, interval)

    def mark(stars: float) -> Mark:
        return Mark(stars, round(MIDDLE + (stars - centre) / unit, 1))

    step = next((one for one in TICK_STEPS if one / unit >= TICK_ROOM), TICK_STEPS[-1])
    shown_from = max(LEAST, centre - MIDDLE * unit)
    shown_to = min(MOST, centre + MIDDLE * unit)
    left, right = _labels(mark(min(prior, own)).x, mark(max(prior, own)).x, mark(score).x)
    prior_label, own_label = (left, right) if prior <= own else (right, left)
    return ScoreScale(
        start=mark(shown_from).x,
        end=mark(shown_to).x,
        ticks=[tick for tick in map(mark, _multiples(step)) if _within(tick.x, EDGE) == tick.x],
        decimals=0 if step == 1 else 1,
        prior=mark(prior),
        own=mark(own),
        score=mark(score),
        lower=mark(interval[0]) if interval else None,
        upper=mark(interval[1]) if interval else None,
        prior_label=prior_label,
        own_label=own_label,
        score_label=Label(_within(mark(score).x, SCORE_LABEL_ROOM), "middle"),
    )


def _stars_a_unit(span: float, centre: float, interval: tuple[float, float] | None) -> float:
    """The closest zoom that has room for labels and interval."""
    needs = [LEAST_SPAN / WIDTH, span / 2 / (MIDDLE - LABEL_ROOM)]
    needs += [abs(end - centre) / (MIDDLE - EDGE) for end in interval or ()]
    return max(needs)


def _labels(left: float, right: float, score: float) -> tuple[Label, Label]:
    """The labels of the left and the right mean: over their marks, clear of the score's line."""
    return (
        Label(round(min(left + SQUARE / 2, score - LABEL_GAP), 1), "end"),
        Label(round(max(right - SQUARE / 2, score + LABEL_GAP), 1), "start"),
    )


def _within(x: float, room: float) -> float:
    """The place nearest to x that has this room on either side."""
    return min(max(x, room), WIDTH - room)


def _multiples(step: float) -> list[float]:
    """The ticks over all possible stars."""
    places = range(round(LEAST / step), round(MOST / step) + 1)
    return [stars for place in places if (stars := round(place * step, 1)) >= LEAST]
