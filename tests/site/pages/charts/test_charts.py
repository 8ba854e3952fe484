"""The geometry of the drawings: nothing lies about its figure, and no label touches another."""

from itertools import combinations, pairwise, product

import pytest

from app.pages.charts.half_stars import histogram
from app.pages.charts.rank_history import rank_history
from app.pages.charts.score_scale import LEAST_SPAN, WIDTH, score_scale
from app.pages.charts.text import width
from app.pages.charts.years import year_columns

NAMES = ("all ratings", "its own mean")


def stars(*counts):
    return {str(k / 2): count for k, count in enumerate(counts, start=1)}


# The histogram


def test_bars_are_as_high_as_their_counts_and_the_tallest_fills_the_chart():
    bars = histogram(stars(0, 2, 0, 1, 2, 10, 7, 39, 20, 48))
    assert [bar.label for bar in bars] == [0, 2, 0, 1, 2, 10, 7, 39, 20, 48]
    tallest = max(bar.height for bar in bars)
    assert tallest == bars[-1].height
    assert bars[7].height == pytest.approx(tallest * 39 / 48, abs=0.1)
    assert {bar.y + bar.height for bar in bars} == {bars[0].y}


def test_what_is_there_can_be_seen_and_nothing_is_nothing():
    bars = histogram(stars(0, 1, 0, 0, 0, 0, 0, 0, 0, 9_000))
    assert (bars[0].height, bars[0].share) == (0, "0%")
    assert (bars[1].height, bars[1].share) == (2, "<1%")


def test_counts_too_wide_for_their_bars_are_shares():
    bars = histogram(stars(*[0] * 8, 1_000, 3_000))
    assert [bar.label for bar in bars[-2:]] == ["25%", "75%"]
    assert bars[-1].count == 3_000


def test_a_histogram_of_no_ratings_is_flat():
    assert {bar.height for bar in histogram(stars(*[0] * 10))} == {0}


# The score on its axis


def scales():
    """Means near and far, either one the greater, and scores anywhere between them."""
    values = (0.5, 1.2, 3.4, 3.49, 3.5, 3.501, 3.52, 4.26, 5.0)
    for prior, own, weight in product((2.0, 3.5, 4.9), values, (0.01, 0.3, 0.5, 0.87, 0.999)):
        score = weight * own + (1 - weight) * prior
        for interval in (None, (max(score - 1.2, 0.5), min(score + 1.2, 5)), (score, score)):
            yield score_scale(prior=prior, own=own, score=score, interval=interval)


def span(label, text):
    size = width(text)
    start = {"start": label.x, "end": label.x - size, "middle": label.x - size / 2}[label.anchor]
    return start, start + size


def test_labels_never_touch_and_stay_inside():
    for scale in scales():
        means = [span(scale.prior_label, NAMES[0]), span(scale.own_label, NAMES[1])]
        (_, end), (start, _) = sorted(means)
        assert end < scale.score.x < start, scale
        for left, right in [*means, span(scale.score_label, "score 4.16")]:
            assert left >= 0, scale
            assert right <= WIDTH, scale


def test_marks_stand_where_their_stars_are_on_one_axis():
    for scale in scales():
        marks = [scale.prior, scale.own, scale.score, *scale.ticks]
        marks += [mark for mark in (scale.lower, scale.upper) if mark]
        for one, other in combinations(marks, 2):
            if one.stars < other.stars - 1e-9:
                assert one.x <= other.x, scale
        assert all(0 <= mark.x <= WIDTH for mark in marks), scale


def test_the_axis_is_zoomed_in_but_never_makes_a_gulf_of_nothing():
    near = score_scale(prior=3.5, own=3.51, score=3.505)
    assert near.own.x - near.prior.x == pytest.approx(0.01 / LEAST_SPAN * WIDTH, abs=0.2)
    far = score_scale(prior=3.5, own=4.26, score=4.16)
    assert far.own.x - far.prior.x > WIDTH / 3


def test_ticks_are_within_the_stars_and_have_room_for_their_labels():
    for scale in scales():
        assert scale.ticks, scale
        assert all(0.5 <= tick.stars <= 5 for tick in scale.ticks)
        assert all(later.x - tick.x >= width("4.5") for tick, later in pairwise(scale.ticks))


# The rank over the runs


def test_a_better_rank_stands_higher_and_a_run_without_one_is_a_gap():
    found = rank_history([(1, 40), (2, None), (3, 20), (4, 10)], shown=4)
    assert [(point.run, point.rank) for point in found.points] == [(1, 40), (3, 20), (4, 10)]
    assert found.points[0].y > found.points[1].y > found.points[2].y
    assert [(one.x1, one.x2) for one in found.segments] == [(found.points[1].x, found.points[2].x)]
    assert [point.shown for point in found.points] == [False, False, True]


def test_a_rank_is_written_on_the_side_from_which_no_line_comes():
    found = rank_history([(1, 9), (2, 30), (3, 9), (4, None), (5, 20)], shown=5)
    assert [point.value_y > point.y for point in found.points] == [False, True, False, False]


def test_one_rank_alone_is_no_history():
    assert rank_history([(1, None), (2, 5)], shown=2) is None
    assert rank_history([], shown=2) is None


def test_the_same_rank_is_a_level_line():
    found = rank_history([(1, 5), (2, 5)], shown=2)
    assert found.segments[0].y1 == found.segments[0].y2


@pytest.mark.parametrize("runs", [2, 5, 12, 60])
def test_ranks_are_written_where_they_have_room(runs):
    found = rank_history([(run, 9_000 + run % 7) for run in range(1, runs + 1)], shown=runs // 2)
    for written, text in (
        ([point.x for point in found.points if point.has_rank], "9,000"),
        ([point.x for point in found.points if point.has_run], f"run {runs}"),
    ):
        assert (written[0], written[-1]) == (found.points[0].x, found.points[-1].x)
        assert all(later - one >= width(text) for one, later in pairwise(written))
    assert all(0 <= point.x <= WIDTH for point in found.points)


# Ratings by year


def test_years_without_ratings_are_there_too():
    found = year_columns({"1999": 4, "2001": 2})
    assert [(one.year, one.count) for one in found] == [(1999, 4), (2000, 0), (2001, 2)]
    assert found[1].height == 0
    assert found[0].height == 2 * found[2].height


@pytest.mark.parametrize("count", [1, 7, 99, 12_345])
@pytest.mark.parametrize("number", [1, 2, 23, 50])
def test_what_is_written_at_columns_has_room(number, count):
    found = year_columns({str(1970 + n): count for n in range(number)})
    assert found[-1].year_x is not None
    for places, text in (
        ([one.year_x for one in found if one.year_x is not None], "2000"),
        ([one.value_x for one in found if one.value_x is not None], f"{count:,}"),
    ):
        assert all(later - one >= width(text) - 0.1 for one, later in pairwise(places))
        assert all(width(text) / 2 <= x <= WIDTH - width(text) / 2 for x in places)


def test_without_years_there_are_no_columns():
    assert year_columns({}) == []
