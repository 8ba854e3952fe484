"""/dashboard/: a run in pictures, and the geometry of these."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from app.pages.charts.intervals import intervals
from app.pages.charts.scatter import BOTTOM, LEFT, RIGHT, TOP, scatter
from spark_jobs import contract
from tests.site.factories import curate, evaluation, make_movie, make_ranking, make_run, rate
from tests.support.packing import pack

pytestmark = pytest.mark.django_db
SEPTEMBER_2018 = 584


def page(client, address="/dashboard/", **headers):
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_figures_are_those_of_the_run(client):
    run = make_run(rejected_by_reason={"ratings": {"bad_id": 2}}, prior_mean=4.234)
    months = pack(contract.MONTHS, [(SEPTEMBER_2018, 100)])
    rate(run, make_movie(1, genres=("War",)), months=months)
    text = page(client)
    assert "4.234" in text
    assert "<code>bad_id</code>" in text
    assert "When they rated" in text and ">2018<" in text
    genres = text[text.index("genre-figures") :]
    assert re.search(
        r"War</th>\s*<td class=\"number\">1</td>\s*<td class=\"number\">100</td>", genres
    )


def test_it_says_that_curators_have_a_say_and_of_how_many_movies(client):
    movies = make_ranking(make_run(), 5)
    assert "Curators have a say" not in page(client)
    curate(movies[0], hidden=True)
    curate(movies[1], hidden=True)
    curate(movies[2], pinned_position=1)
    curate(movies[3], pinned_position=2, until=timezone.now() - timedelta(days=1))
    text = " ".join(page(client).split())
    assert "Curators have a say in the lists: 1 movie is pinned. 2 movies are hidden. </p>" in text
    text = " ".join(page(client, "/dashboard/", **{"Accept-Language": "zh"}).split())
    assert "编辑对列表的决定： 固定了 1 部电影。 隐藏了 2 部电影。 </p>" in text


def test_a_run_without_times_has_no_years(client):
    rate(make_run(), make_movie(1))
    assert "When they rated" not in page(client)


def test_what_changed_since_the_run_before_is_told(client):
    before, after = make_run("superseded"), make_run()
    movies = [make_movie(n) for n in range(1, 4)]
    rate(before, movies[0], rank=1)
    rate(after, movies[1], rank=1)
    text = page(client)
    assert f"What changed since run {before.pk}" in text
    assert f'href="/runs/{before.pk}/diff/{after.pk}/"' in text
    assert 'href="/movies/1/"' in text and 'href="/movies/2/"' in text
    assert 'href="/movies/3/"' not in text


def test_the_first_run_has_nothing_to_compare_with(client):
    make_ranking(make_run(), 3)
    text = page(client)
    assert "What changed since" not in text
    assert "passed" not in text


def test_the_intervals_are_drawn_beside_those_of_the_baselines(client):
    make_run(evaluation=evaluation(0.4, splits=("random", "temporal")))
    text = page(client)
    assert text.count('class="ours"') == 2
    assert text.count('class="baseline"') == 2
    assert text.index("predict the future") < text.index("Like most published figures")


def test_a_run_without_rows_or_evaluation_is_no_error(client):
    make_run(half_star_counts=[0] * 10, ratings_accepted=0)
    assert "nDCG" not in page(client).partition("Gates")[0]


def test_an_earlier_run_is_shown_as_one(client):
    before = make_run("superseded")
    rate(before, make_movie(1))
    make_run()
    text = page(client, f"/dashboard/?run={before.pk}")
    assert f"This is run {before.pk}, not the current one." in text


def drawn(**more):
    given = {"prior_mean": 3.5, "prior_weight": 50, "floor": 50, **more}
    return scatter([(1, 0.5), (1, 5.0), (1, 5.0), (1000, 3.5)], **given)


def test_a_dot_stands_for_all_movies_of_one_place_and_within_the_axes():
    found = drawn()
    assert found.movies == 4
    assert (
        found.points
        == f"M{LEFT} {TOP}h0M{LEFT} {BOTTOM}h0M{RIGHT} {round((2 * TOP + BOTTOM) / 3)}h0"
    )
    assert [tick.value for tick in found.ratings] == [1, 10, 100, 1000]
    assert (found.ratings[0].at, found.ratings[-1].at) == (LEFT, RIGHT)


def test_curves_go_from_the_prior_mean_to_the_own_one():
    top = drawn().curves[0]
    ys = [float(point.split(",")[1]) for point in top.points.split()]
    assert ys == sorted(ys, reverse=True)
    assert drawn().prior.at - ys[0] < 3 < ys[-1] - TOP < 8


def test_labels_that_would_run_into_each_other_are_left_out():
    assert [curve.label_y is not None for curve in drawn().curves] == [True] * 5
    heavy = drawn(prior_weight=1e6).curves
    assert [curve.label_y is not None for curve in heavy] == [True] + [False] * 4


def test_a_floor_outside_of_the_axis_is_not_drawn():
    assert drawn().floor is not None
    assert drawn(floor=2000).floor is None
    assert scatter([], prior_mean=3.5, prior_weight=50, floor=50) is None


def test_intervals_share_an_axis_that_ends_at_a_round_number():
    chart = intervals(
        [
            ("ours", True, {"mean": 0.2, "lower": 0.15, "upper": 0.24}),
            ("other", False, {"mean": 0.1, "lower": 0.0, "upper": 0.2}),
        ]
    )
    assert [tick.value for tick in chart.ticks] == [0, 0.05, 0.1, 0.15, 0.2, 0.25]
    first, second = chart.rows
    assert first.x_lower < first.x < first.x_upper < chart.ticks[-1].at
    assert second.x_lower == chart.ticks[0].at
    assert first.y < second.y < chart.bottom


@pytest.mark.parametrize("estimates", [[], [("none", True, {"mean": 0, "lower": 0, "upper": 0})]])
def test_intervals_of_nothing_have_an_axis_all_the_same(estimates):
    assert [tick.value for tick in intervals(estimates).ticks] == [0, 0.01]
