"""What is like a movie, what is rising, and which orders a list may have."""

import math

import pytest

from app.models import RecommendationData
from spark_jobs import contract
from tests.site.factories import curate, make_ranking, make_run
from tests.support.packing import pack

pytestmark = pytest.mark.django_db


def test_similar_movies_come_with_all_that_their_lift_is_made_of(client, fitted):
    found = client.get("/api/movies/1/similar/").json()
    assert [movie["movie_id"] for movie in found["results"]] == [2, 3]
    assert (found["count"], found["N"], found["shrinkage"], found["notice"]) == (2, 9, 10.0, None)
    (two, _) = found["results"]
    assert (two["users"], two["lift"], two["rating_count"]) == (60, 0.5, 100)
    assert found["rating_count"] == 100


def test_hidden_movies_are_similar_to_none(client, fitted):
    movie = RecommendationData.objects.get(movie_id=2).movie
    curate(movie, hidden=True)
    found = client.get("/api/movies/1/similar/").json()
    assert [(movie["movie_id"], movie["position"]) for movie in found["results"]] == [(3, 1)]
    assert client.get("/api/movies/2/similar/").status_code == 404


def test_a_movie_with_too_few_ratings_has_none_and_says_so(client, fitted):
    found = client.get("/api/movies/3/similar/").json()
    assert (found["results"], found["count"]) == ([], 0)
    assert "too few ratings of movie 3" in found["notice"]


@pytest.fixture
def rising():
    """Movie 3 is rising most; 2 has few ratings in all."""
    trending = {"half_life_months": 2.0, "newest_month": "2018-09"}
    run = make_run(parameters={"trending": trending})
    make_ranking(run, 3)
    for movie_id, months, lower in [(1, [(584, 2)], 3.0), (2, [(584, 5)], 3.5),
                                    (3, [(580, 8), (584, 6)], 3.2)]:  # fmt: skip
        trend = sum(ratings * 0.5 ** ((584 - month) / 2) for month, ratings in months)
        RecommendationData.objects.filter(movie_id=movie_id).update(
            months=pack(contract.MONTHS, months), trend=trend, lower_bound=lower, upper_bound=4.5
        )
    RecommendationData.objects.filter(movie_id=2).update(rating_count=5)
    return run


def test_what_is_rising_comes_first_whatever_the_floor(client, rising):
    found = client.get("/api/trending/").json()
    assert [movie["movie_id"] for movie in found["results"]] == [3, 2, 1]
    assert (found["half_life_months"], found["newest_month"]) == (2.0, "2018-09")
    assert {movie["source"] for movie in found["results"]} == {"trending"}
    limited = client.get("/recommendations/?order=trending").json()
    assert [movie["movie_id"] for movie in limited["results"]] == [3, 1]


def test_a_trend_can_be_recomputed_from_the_months_of_its_movie(client, rising):
    found = client.get("/api/trending/").json()
    newest = (2018 - 1970) * 12 + 8
    for movie in found["results"]:
        months = client.get(f"/api/movies/{movie['movie_id']}/").json()["months"]
        ages = {name: newest - _number(name) for name in months}
        half_life = found["half_life_months"]
        parts = [months[name] * 2 ** -(age / half_life) for name, age in ages.items()]
        assert math.fsum(parts) == pytest.approx(movie["score"]) == pytest.approx(movie["trend"])


def _number(month):
    year, number = map(int, month.split("-"))
    return (year - 1970) * 12 + number - 1


def test_the_lower_bound_orders_the_ranking(client, rising):
    found = client.get("/recommendations/?order=lower_bound&min_ratings=0").json()["results"]
    assert [(movie["movie_id"], movie["lower_bound"]) for movie in found] == [
        (2, 3.5), (3, 3.2), (1, 3.0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("/recommendations/?order=lower_bound", "lower bounds"),
        ("/recommendations/?order=trending", "trends"),
        ("/api/search/?q=movie&order=trending", "trends"),
        ("/api/trending/", "trends"),
    ],
)
def test_a_run_that_lacks_an_order_has_its_ranking_and_says_so(client, address, what):
    run = make_run()
    make_ranking(run, 3)
    found = client.get(address).json()
    assert [movie["movie_id"] for movie in found["results"]] == [1, 2, 3]
    assert {movie["source"] for movie in found["results"]} == {"ranking"}
    assert found["notice"] == f"Run {run.pk} has no {what}, so this is the ranking."


def test_a_run_says_which_models_it_has(client, fitted):
    found = client.get(f"/api/runs/{fitted.pk}/").json()
    assert found["fitted_models"]["visitors"]["liked_from"] == 4.0
    assert found["trending"] is None
