"""The tables become columns, stretch by stretch."""

import pytest

from app.catalogue import loader
from app.catalogue.columns import NONE
from app.catalogue.loader import consistent_read, load_catalogue, load_runs
from app.models import Movie, RecommendationData
from tests.site.factories import MOMENT, make_movie, make_run, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs():
    before, current = make_run("superseded"), make_run(min_ratings=60)
    for n in range(1, 24):
        movie = make_movie(n * 2, f"Movie {n}", 1990 + n, ("War", "Drama") if n % 3 else ())
        if n % 4:
            rate(current, movie, n / 5, rating_count=50 + n, rank=n, year=n or None)
        if n % 5:
            rate(before, movie, n / 6, rank=n * 10 if n % 2 else None)
    make_run("failed")
    return before, current


@pytest.mark.parametrize("chunk", [1, 5, 100])
def test_every_row_is_found_whatever_the_stretches(runs, chunk, monkeypatch):
    monkeypatch.setattr(loader, "CHUNK", chunk)
    before, current = runs
    newest, _ = load_runs()
    with consistent_read():
        found = load_catalogue(newest, previous_run=before.pk)
    columns = found.columns
    assert columns.movie_ids.tolist() == [n * 2 for n in range(1, 24)]
    rows = {row.movie_id: row for row in RecommendationData.objects.filter(run=current)}
    earlier = dict(RecommendationData.objects.filter(run=before).values_list("movie_id", "rank"))
    for row, movie in enumerate(Movie.objects.order_by("pk")):
        assert columns.titles[row] == movie.title
        assert columns.genre_names(row) == tuple(movie.genre_names)
        assert columns.previous_rank[row] == (earlier.get(movie.pk) or NONE)
        rated = rows.get(movie.pk)
        assert columns.is_rated(row) == (rated is not None)
        if rated:
            assert columns.rating_count[row] == rated.rating_count
            assert (columns.weighted_rating[row], columns.rank[row]) == (
                rated.weighted_rating, rated.rank
            )  # fmt: skip
            assert columns.last_rated[row] == MOMENT.timestamp()
            assert columns.star_counts(row)[7] == 100


def test_published_runs_come_the_newest_first(runs):
    before, current = runs
    assert [(run.id, run.status) for run in load_runs()] == [
        (current.pk, "current"), (before.pk, "superseded")
    ]  # fmt: skip


def test_ratings_of_movies_that_the_catalogue_lacks_are_passed_over(runs):
    Movie.objects.filter(pk__in=[2, 46, 20]).delete()
    with consistent_read():
        found = load_catalogue(load_runs()[0], previous_run=None)
    assert found.rated == 18 - 3
