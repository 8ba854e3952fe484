"""/recommendations/: the ranking, filtered, page by page, and never of two runs."""

from urllib.parse import quote

import pytest
from django.utils import timezone

from tests.site.factories import make_movie, make_ranking, make_run, rate

pytestmark = pytest.mark.django_db


def test_an_item_says_all_about_its_movie(client, run):
    movie = make_movie(7, "Heat", 1995, ("Thriller", "Action"))
    rate(run, movie, 4.25, rank=1, rating_count=120, avg_rating=4.5)
    found = client.get("/recommendations/").json()
    assert found == {
        "run": run.pk,
        "version": found["version"],
        "personal": 0,
        "count": 1,
        "next": None,
        "previous": None,
        "notice": None,
        "results": [
            {
                "position": 1,
                "pinned": False,
                "rank": 1,
                "movie_id": 7,
                "title": "Heat",
                "year": 1995,
                "genres": ["Action", "Thriller"],
                "rating_count": 120,
                "avg_rating": 4.5,
                "weighted_rating": 4.25,
                "lower_bound": None,
                "upper_bound": None,
                "trend": None,
                "source": "ranking",
                "score": 4.25,
                "reasons": [],
                "rest": 4.25,
            }
        ],
    }


def test_the_order_is_score_then_ratings_then_id(listed, run):
    for movie_id, score, ratings in [(1, 4.0, 60), (2, 4.1, 50), (3, 4.0, 70), (4, 4.0, 70)]:
        rate(run, make_movie(movie_id), score, rating_count=ratings)
    assert listed() == [2, 3, 4, 1]


def test_only_the_current_run_is_served(listed, run):
    movie = make_movie(1)
    rate(run, movie)
    for status in ("loading", "failed", "superseded"):
        rate(make_run(status), make_movie(make_run("failed").pk + 100))
    assert listed() == [1]


def test_movies_under_the_floor_are_not_listed_unless_asked_for(listed, run):
    rate(run, make_movie(1), 4.0, rating_count=50, rank=1)
    rate(run, make_movie(2), 4.5, rating_count=49)
    assert listed() == [1]
    assert listed("?min_ratings=49") == [2, 1]
    assert listed("?min_ratings=51") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?genre=War", [1, 3]),
        ("?genre=Film-Noir", [2]),
        ("?year_from=1990", [2, 3]),
        ("?year_to=1990", [1, 2]),
        ("?year_from=1990&year_to=1990", [2]),
        ("?genre=War&year_from=1990", [3]),
        ("?year_from=1990&year_to=1980", []),
        ("?genre=War&genre=Film-Noir", [1, 2, 3]),
        ("?genre=-War", [2, 4]),
        ("?genre=War&genre=-Drama", [3]),
        ("?genre=War&genre=-War", []),
        ("?q=movie", [1, 2, 3, 4]),
        ("?q=MOVIE+2", [2]),
        ("?q=ovie", []),
        ("?q=!!!", []),
        ("?q=movie&genre=War&year_to=1980", [1]),
    ],
)
def test_filters_narrow_the_list(listed, run, query, expected):
    make_movie(9, genres=("Film",))
    for movie in (
        make_movie(1, year=1980, genres=("War", "Drama")),
        make_movie(2, year=1990, genres=("Film-Noir",)),
        make_movie(3, year=2000, genres=("War",)),
        make_movie(4, year=None),
    ):
        rate(run, movie, 5 - movie.movie_id / 10)
    assert listed(query) == expected


def test_paging_covers_the_list_once(client, run):
    make_ranking(run, 7)
    seen, link, pages = [], "/recommendations/?limit=3", []
    while link:
        body = client.get(link).json()
        assert body["count"] == 7
        seen += [item["movie_id"] for item in body["results"]]
        pages.append(body)
        link = body["next"]
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert client.get(pages[2]["previous"]).json()["results"] == pages[1]["results"]
    assert pages[0]["previous"] is None


def test_paging_stays_within_its_run_while_another_is_published(client, run):
    movies = make_ranking(run, 4)
    link = client.get("/recommendations/?limit=2").json()["next"]
    later = make_run("loading")
    for place, movie in enumerate(movies):
        rate(later, movie, score=place)
    run.status, later.status = "superseded", "current"
    run.save()
    later.save()
    assert [item["movie_id"] for item in client.get(link).json()["results"]] == [3, 4]
    assert client.get("/recommendations/").json()["run"] == later.pk


@pytest.mark.parametrize(
    "overrides", [{"status": "failed"}, {"status": "loading"}, {"purged_at": timezone.now()}]
)
def test_a_run_that_is_not_kept_is_refused(client, run, overrides):
    gone = make_run(**{"status": "superseded"} | overrides)
    response = client.get(f"/recommendations/?run={gone.pk}")
    assert response.status_code == 404
    (error,) = response.json()["errors"]
    assert (error["field"], error["value"]) == ("run", str(gone.pk))
    assert error["detail"] == f"must be a run whose rows are kept: {run.pk}"


@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        ("limit=abc", "limit", "from 1 to 100"),
        ("limit=0", "limit", "from 1 to 100"),
        ("limit=101", "limit", "from 1 to 100"),
        ("limit=-1", "limit", "from 1 to 100"),
        ("limit=5.0", "limit", "from 1 to 100"),
        ("limit=１０", "limit", "from 1 to 100"),
        ("limit=1_0", "limit", "from 1 to 100"),
        ("limit=%2010", "limit", "from 1 to 100"),
        ("limit=1&limit=2", "limit", "once"),
        ("offset=-1", "offset", "from 0 to"),
        ("offset=" + "9" * 21, "offset", "from 0 to"),
        ("genre=war", "genre", "must be one of Drama, War"),
        ("genre=%00", "genre", "must be one of"),
        ("genre=%ED%A0%80", "genre", "must be UTF-8"),
        ("genre=" + "x" * 10_000, "genre", "at most 65 characters"),
        ("genre=-war", "genre", "must be one of Drama, War"),
        ("genre=", "genre", "must not be empty"),
        ("year_from=0", "year_from", "from 1800 to 2100"),
        ("year_to=99999", "year_to", "from 1800 to 2100"),
        ("year_from=", "year_from", "from 1800 to 2100"),
        ("min_ratings=-5", "min_ratings", "from 0 to"),
        ("run=latest", "run", "from 1 to"),
        ("Limit=5", "Limit", "unknown; known are: run, limit, offset"),
        ("q=", "q", "must not be empty"),
        ("q=" + "x" * 101, "q", "at most 100 characters"),
        ("order=random", "order", "must be one of 'weighted_rating', "),
    ],
)
def test_a_bad_parameter_is_named_with_what_is_allowed(client, run, query, field, allowed):
    rate(run, make_movie(1, genres=("War", "Drama")))
    response = client.get("/recommendations/?" + quote(query, safe="=&%"))
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == 400
    (error,) = body["errors"]
    assert error["field"] == field
    assert allowed in error["detail"]
    assert field in body["detail"]


def test_all_bad_parameters_are_named_at_once(client, run):
    body = client.get("/recommendations/?limit=x&offset=y&what=z").json()
    assert {error["field"] for error in body["errors"]} == {"limit", "offset", "what"}


def test_past_the_end_there_is_nothing(client, run):
    make_ranking(run, 2)
    body = client.get("/recommendations/?offset=5").json()
    assert (body["count"], body["results"], body["next"]) == (2, [], None)


def test_without_a_run_there_is_no_list(client):
    response = client.get("/recommendations/")
    assert (response.status_code, response.json()["reason"]) == (503, "no_run")
