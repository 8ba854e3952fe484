"""The tables become columns, chunk by chunk."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from app.catalogue import loader
from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.columns import NONE
from app.catalogue.decisions import Decisions
from app.catalogue.loader import consistent_read, load_catalogue, load_runs, load_user_list
from app.catalogue.movies.detail import Links, movie_detail
from app.catalogue.recommendations.for_you import for_user
from app.models import (
    HALF_STARS,
    Movie,
    MovieGenre,
    RecommendationData,
    Run,
    SimilarMovie,
    VisitorWeights,
)
from spark_jobs import contract
from tests.site.factories import (
    MOMENT,
    make_models,
    make_movie,
    make_ranking,
    make_run,
    make_similar,
    make_user_list,
    make_weights,
    rate,
)
from tests.support.packing import pack

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


@pytest.mark.parametrize("chunk", [1, 5, 100])
def test_what_a_run_has_of_movies_beyond_their_ranks_is_found(chunk, monkeypatch):
    monkeypatch.setattr(loader, "CHUNK", chunk)
    run = make_run()
    make_models(run, users=1)
    movies = make_ranking(run, 7)
    months = pack(contract.MONTHS, [(584, 9)])
    of_third = RecommendationData.objects.filter(run=run, movie_id=3)
    of_third.update(lower_bound=4.0, upper_bound=4.5, trend=7.5, months=months)
    Movie.objects.filter(pk=3).update(imdb_id="0113277", tmdb_id="949", tags=["heist", "cops"])
    Movie.objects.filter(pk=4).update(tmdb_id="5")
    for movie in movies[1::2]:
        make_similar(run, movie, (3, 0.5, movie.pk))
        make_weights(run, movie, (3, -movie.pk), (5, 100), scale=0.5)
    make_user_list(run, 42, (3, 1.0, (1, 2, 0), (0.5, 0.25, 0.0)))
    found = CuratedCatalogue.of(load_catalogue(load_runs()[0], previous_run=None), Decisions())
    models = found.catalogue.models
    assert [models.similar_to(row) for row in range(7)] == [
        [], [(3, 0.5, 2)], [], [(3, 0.5, 4)], [], [(3, 0.5, 6)], []
    ]  # fmt: skip
    weights = models.weights_from(5)
    assert (weights.targets.tolist(), weights.steps.tolist(), weights.scale) == (
        [3, 5], [-6, 100], 0.5
    )  # fmt: skip
    assert models.weights_from(0) is None
    third, fourth, fifth = (movie_detail(found, n) for n in (3, 4, 5))
    assert (third.explanation.lower_bound, third.explanation.upper_bound) == (4.0, 4.5)
    assert (third.explanation.trend, third.months) == (7.5, {"2018-09": 9})
    assert (third.links.imdb.url, third.links.tmdb.url) == (
        "https://www.imdb.com/title/tt0113277/", "https://www.themoviedb.org/movie/949"
    )  # fmt: skip
    assert (third.tags, fourth.tags) == (["heist", "cops"], [])
    assert (fourth.links.imdb, fourth.links.tmdb.id) == (None, "5")
    assert (fifth.links, fifth.explanation.lower_bound) == (Links(imdb=None, tmdb=None), None)
    assert for_user(found, load_user_list(run.pk, 42)).movies[0].movie_id == 3
    assert load_user_list(run.pk, 43) is None


def test_a_run_without_models_is_loaded_as_before(django_assert_num_queries):
    run = make_run()
    make_weights(run, make_ranking(run, 3)[0], (2, 5))
    for models in (None, {"packing": contract.PACKING + 1}):
        Run.objects.update(fitted_models=models)
        (figures,) = load_runs()
        with django_assert_num_queries(3):  # movies, their genres, whether there are more
            found = load_catalogue(figures, previous_run=None)
        assert (figures.has_models, found.models.weights_from(0)) == (False, None)


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
    make_models(runs[1])
    packed = pack(contract.SIMILAR_MOVIES, [(2, 0.5, 9)])
    SimilarMovie.objects.bulk_create(
        SimilarMovie(run=run, movie=one, packed=packed) for run in runs for one in movies
    )
    weights = pack(contract.VISITOR_WEIGHTS, [(2, 5)])
    VisitorWeights.objects.bulk_create(
        VisitorWeights(run=run, movie=one, scale=1.0, packed=weights)
        for run in runs
        for one in movies
    )
    for user_id in range(40, 50):
        make_user_list(runs[1], user_id, (2, 1.0, (4, 0, 0), (1.0, 0.0, 0.0)))
    with CaptureQueriesContext(connection) as queries:
        load_user_list(runs[1].pk, 42)
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
                assert plan["type"] in ("range", "ref", "eq_ref", "const"), (statement, plan)
