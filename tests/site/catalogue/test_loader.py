"""The tables become columns, chunk by chunk."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from app.catalogue import loader
from app.catalogue.columns import NONE
from app.catalogue.loader import consistent_read, load_catalogue, load_runs
from app.models import HALF_STARS, Movie, MovieGenre, RecommendationData, Run
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
def test_every_row_is_found_whatever_the_chunks(runs, chunk, monkeypatch):
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


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite's plans are other ones")
def test_no_statement_of_the_loader_looks_through_a_whole_table(runs, monkeypatch):
    monkeypatch.setattr(loader, "CHUNK", 200)
    movies = [Movie(movie_id=n, title=f"Movie {n}") for n in range(1_000, 5_000)]
    Movie.objects.bulk_create(movies)
    MovieGenre.objects.bulk_create(MovieGenre(movie=one, genre="Drama") for one in movies)
    row = {f"half_stars_{k}": 1 for k in HALF_STARS} | {"rating_count": 10, "avg_rating": 3.0}
    RecommendationData.objects.bulk_create(
        RecommendationData(run=run, movie=one, weighted_rating=3.0, last_rated_at=MOMENT, **row)
        for run in Run.objects.all()
        for one in movies
    )
    with CaptureQueriesContext(connection) as queries:
        load_catalogue(load_runs()[0], previous_run=load_runs()[1].id)
    statements = {query["sql"] for query in queries if "app_run " not in query["sql"]}
    with connection.cursor() as cursor:
        for statement in (one for one in statements if one.strip().startswith("SELECT")):
            if "FROM `app_run`" in statement:
                continue
            cursor.execute(f"EXPLAIN {statement}")
            names = [column[0] for column in cursor.description]
            for found in cursor.fetchall():
                plan = dict(zip(names, found, strict=True))
                assert plan["key"] == "PRIMARY", (statement, plan)
                assert plan["type"] in ("range", "ref", "eq_ref"), (statement, plan)
