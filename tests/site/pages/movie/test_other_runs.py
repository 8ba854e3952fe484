"""What other runs said of the movie, and what the page asks the database for it."""

import pytest

from app.catalogue.loader import load_ranks, load_runs
from app.models import Run
from tests.site.factories import make_movie, make_run, rate
from tests.site.outage import connection_lost_for_rows
from tests.site.pages.movie.page import look

pytestmark = pytest.mark.django_db


def test_the_rank_is_followed_over_the_kept_runs_with_what_changed(client):
    movie = make_movie(7)
    rate(make_run("superseded", purged_at="2026-01-01T00:00:00Z"), movie, rank=90)
    first = make_run("superseded", prior_weight=50.0)
    rate(first, movie, rank=14)
    second = make_run(prior_weight=20.0, min_ratings=10)
    rate(second, movie, rank=7)
    page = look(client)
    assert f"up 7 since run {first.pk}" in page
    assert f'href="/runs/{first.pk}/diff/{second.pk}/"' in page
    assert "the imaginary ratings per movie went from 50 to 20" in page
    assert "the ratings needed for a rank went from 50 to 10" in page
    assert "Its rank, run by run" in page
    assert f"Run {first.pk}: rank 14" in page
    assert f"Run {second.pk}: rank 7" in page
    assert "rank 90" not in page


def test_a_run_that_was_purged_or_replaced_meanwhile_is_left_out(client):
    movie = make_movie(7)
    runs = [make_run("superseded"), make_run("superseded"), make_run()]
    for run in runs:
        rate(run, movie, rank=run.pk)
    known = load_runs()
    assert load_ranks(known, 7) == {run.pk: run.pk for run in runs}
    Run.objects.filter(pk=runs[0].pk).update(purged_at="2026-01-01T00:00:00Z")
    Run.objects.filter(pk=runs[1].pk).update(started_at="2026-01-01T00:00:00Z")
    assert load_ranks(known, 7) == {runs[2].pk: runs[2].pk}


def test_a_movie_that_lost_or_won_its_rank_says_so(client):
    movie, other = make_movie(7), make_movie(8)
    before = make_run("superseded")
    rate(before, movie, rank=5)
    rate(before, other, rating_count=2)
    run = make_run()
    rate(run, movie, rating_count=3)
    rate(run, other, rank=1)
    page = look(client)
    assert f"in run {before.pk} it was rank 5" in page
    assert "run by run" not in page
    assert f"new in the ranking since run {before.pk}" in look(client, "/movies/8/")


def test_an_earlier_run_is_shown_as_such_and_stays_in_its_links(client):
    before = make_run("superseded")
    movie = make_movie(7, genres=("War",))
    rate(before, movie, rank=1)
    rate(make_run(), movie, rank=1)
    page = look(client, f"/movies/7/?run={before.pk}")
    assert f"run {before.pk}" in page
    assert f'href="/movies/?genre=War&amp;run={before.pk}"' in page
    assert '<link rel="canonical" href="http://testserver/movies/7/">' in page


def test_a_page_asks_once_for_the_kept_runs_and_a_known_one_not_at_all(
    client, django_assert_num_queries
):
    movie = make_movie(7)
    for status in ("superseded", "current"):
        rate(make_run(status), movie, rank=1)
    client.get("/movies/")
    with django_assert_num_queries(3):  # which version is in force takes two
        first = client.get("/movies/7/")
    with django_assert_num_queries(2):
        assert client.get("/movies/7/").content == first.content


def test_while_the_database_is_away_the_page_goes_on_without_earlier_runs_and_is_not_kept(client):
    movie = make_movie(7)
    for status in ("superseded", "current"):
        rate(make_run(status), movie, rank=1)
    client.get("/movies/")
    with connection_lost_for_rows():
        partial = client.get("/movies/7/")
    assert partial.status_code == 200
    assert b"run by run" not in partial.content
    assert partial.headers["Cache-Control"] == "no-store"
    whole = client.get("/movies/7/")
    assert b"run by run" in whole.content
    assert whole.headers["Cache-Control"] == "no-cache"
