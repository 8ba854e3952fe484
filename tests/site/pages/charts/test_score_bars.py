"""Scores over the range of the list that they stand in."""

import pytest

from app.pages.charts.score_bars import MARGIN, WIDTH, ScoreRange, score_bar, score_range
from app.pages.ranking.rows import percentile


@pytest.mark.parametrize(
    ("stars", "ends"),
    [
        ([4.3, 4.13, 4.22, 4.38], (4.1, 4.4)),
        ([4.1, 4.3, None], (4.1, 4.3)),
        ([4.2], (4.1, 4.3)),
        ([5.0], (4.9, 5.0)),
        ([0.5], (0.5, 0.6)),
        ([], (0.5, 5.0)),
        ([None, None], (0.5, 5.0)),
    ],
)
def test_the_range_is_the_tenths_around_all_scores_and_bounds(stars, ends):
    found = score_range(stars)
    assert (found.least, found.most) == ends


def test_the_ends_of_the_range_are_the_ends_of_the_bar():
    within = ScoreRange(4.0, 4.5)
    bar = score_bar(within, 4.25, 4.0, 4.5)
    assert (bar.band, bar.mark, bar.band + bar.band_width) == (MARGIN, WIDTH / 2, WIDTH - MARGIN)


@pytest.mark.parametrize("bounds", [(None, None), (4.1, None)])
def test_a_run_without_intervals_has_marks_alone(bounds):
    bar = score_bar(ScoreRange(4.0, 4.5), 4.25, *bounds)
    assert (bar.mark, bar.band_width) == (WIDTH / 2, 0)


@pytest.mark.parametrize(("rank", "percent"), [(1, 99), (2, 98), (100, 0), (50, 50)])
def test_a_percentile_is_never_rounded_up(rank, percent):
    assert percentile(rank, 100) == percent
