"""What all lists share, and the orders, genres and runs that they are of."""

import gzip
import re

import pytest
from django.utils import timezone

from tests.site.factories import curate, make_movie, make_run, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """Four movies whose order differs with every way to look at them."""
    run = make_run()
    for movie_id, year, score, mean, ratings in [
        (1, 1990, 4.5, 4.6, 60),
        (2, 2000, 4.4, 4.9, 50),
        (3, None, 4.3, 4.4, 90),
        (4, 2000, 4.2, 4.4, 80),
    ]:
        movie = make_movie(movie_id, year=year, genres=("War",) if movie_id < 3 else ("Drama",))
        rate(run, movie, score, rank=movie_id, avg_rating=mean, rating_count=ratings)
    return run


def ids(client, query=""):
    return [item["movie_id"] for item in client.get(f"/recommendations/{query}").json()["results"]]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("weighted_rating", [1, 2, 3, 4]),
        ("avg_rating", [2, 1, 3, 4]),
        ("rating_count", [3, 4, 1, 2]),
        ("year", [2, 4, 1, 3]),
    ],
)
def test_a_list_has_the_order_that_was_asked_for(client, run, order, expected):
    assert ids(client, f"?order={order}") == expected
    pagees = [ids(client, f"?order={order}&limit=1&offset={n}") for n in range(4)]
    assert [movie_id for page in pagees for movie_id in page] == expected


def test_pins_hold_in_the_ranking_alone(client, run):
    curate(run.recommendationdata_set.get(movie_id=4).movie, pinned_position=1)
    assert ids(client) == [4, 1, 2, 3]
    assert ids(client, "?order=rating_count") == [3, 4, 1, 2]


def test_hidden_movies_are_hidden_in_every_order(client, run):
    curate(run.recommendationdata_set.get(movie_id=4).movie, hidden=True)
    assert ids(client, "?order=rating_count") == [3, 1, 2]
    assert client.get("/api/search/?q=movie").json()["count"] == 3


def test_genres_are_counted_in_the_run(client, run):
    rate(run, make_movie(5, genres=("War",)), 3.0, rank=None, rating_count=2)
    make_movie(6, genres=("Western",))
    curate(run.recommendationdata_set.get(movie_id=3).movie, hidden=True)
    found = client.get("/api/genres/").json()
    assert found["results"] == [
        {"genre": "Drama", "movies": 1, "movies_ranked": 1},
        {"genre": "War", "movies": 3, "movies_ranked": 2},
    ]


def test_published_runs_are_listed_and_told_in_full(client, run):
    former = make_run("superseded", purged_at=timezone.now())
    make_run("loading")
    make_run("failed")
    listed = client.get("/api/runs/").json()
    assert [(one["id"], one["kept"]) for one in listed["results"]] == [
        (former.pk, False),
        (run.pk, True),
    ]
    detail = client.get(f"/api/runs/{former.pk}/").json()
    assert detail["rejected_by_reason"] == {"movies": {}, "ratings": {"bad_id": 2}}
    assert "input" not in detail  # may name a private bucket


@pytest.mark.parametrize("status", ["loading", "failed"])
def test_a_run_that_was_never_published_is_not_told(client, run, status):
    assert client.get(f"/api/runs/{make_run(status).pk}/").status_code == 404


def test_two_runs_are_compared(client, run):
    later = make_run()
    for movie_id, rank in [(1, 2), (2, 1), (3, None)]:
        rate(later, run.recommendationdata_set.get(movie_id=movie_id).movie, rank=rank)
    rate(later, make_movie(9, "New"), rank=3)
    address = f"/api/runs/{run.pk}/diff/{later.pk}/"
    found = client.get(address).json()
    assert (found["run"], found["before"]) == (later.pk, run.pk)
    assert (found["entered"], found["left"], found["moved"]) == (1, 2, 2)
    changes = [(m["movie_id"], m["before"], m["after"], m["change"]) for m in found["results"]]
    assert changes == [
        (9, None, 3, None), (3, 3, None, None), (4, 4, None, None), (1, 1, 2, -1), (2, 2, 1, 1),
    ]  # fmt: skip
    curate(later.recommendationdata_set.get(movie_id=9).movie, hidden=True)
    assert client.get(address).json()["entered"] == 0
    assert client.get(f"/api/runs/{run.pk}/diff/{run.pk}/").json()["results"] == []
    assert client.get(f"/api/runs/{run.pk}/diff/999/").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        *("/recommendations/", "/recommendations/?like=1", "/api/search/?q=movie"),
        *("/api/trending/", "/api/genres/", "/api/runs/"),
    ],
)
def test_every_list_is_paged_through_in_the_same_way(client, run, address):
    make_run("superseded")
    link = address + ("&" if "?" in address else "?") + "limit=1"
    whole, seen = client.get(address).json(), []
    while link:
        page = client.get(link).json()
        assert set(page) >= {"run", "count", "next", "previous", "notice", "results"}
        assert page["count"] == whole["count"] > 1
        seen += page["results"]
        link = page["next"]
    assert seen == whole["results"]
    assert client.get(page["previous"]).json()["results"] == seen[-2:-1]


def test_next_pins_the_run_over_a_publish(client, run):
    first = client.get("/api/genres/?limit=1").json()
    run.status = "superseded"
    run.save()
    make_run()
    assert client.get(first["next"]).json()["run"] == run.pk


def test_the_list_of_runs_neither_repeats_nor_skips_over_a_publish(client, run):
    former = make_run("superseded")
    first = client.get("/api/runs/?limit=1").json()
    make_run("superseded")
    second = client.get(first["next"]).json()
    assert [one["id"] for one in (*first["results"], *second["results"])] == [former.pk, run.pk]
    assert client.get("/api/runs/?run=999").status_code == 404


def test_previous_leads_back_from_past_the_end(client, run):
    lost = client.get("/recommendations/?offset=900&limit=3").json()
    assert (lost["results"], lost["next"]) == ([], None)
    back = client.get(lost["previous"]).json()
    assert [item["movie_id"] for item in back["results"]] == [2, 3, 4]


def test_the_dashboard_shows_what_stats_says(client, run):
    page = client.get("/dashboard/").content.decode()
    stats = client.get("/stats/").json()
    assert f"{stats['prior_mean']:.3f}" in page
    assert "ratings · <code>bad_id</code>" in page
    assert client.get("/dashboard/?run=999").status_code == 404
    assert client.get("/dashboard/?verbose=1").status_code == 400


def test_old_data_are_a_warning_and_no_outage(client, settings):
    settings.RUN_MAX_AGE_HOURS = 48
    run = make_run(finished_at=timezone.now() - timezone.timedelta(hours=49))
    response = client.get("/health/")
    assert (response.status_code, response.json()["status"]) == (200, "ok")
    assert response.json()["warnings"] == [
        {
            "reason": "run_is_old",
            "detail": f"Run {run.pk} is 49 hours old; RUN_MAX_AGE_HOURS is 48.",
        }
    ]
    settings.RUN_MAX_AGE_HOURS = 0
    assert client.get("/health/").json()["warnings"] == []


def test_the_docs_need_nothing_from_elsewhere(client):
    page = client.get("/api/docs/").content.decode()
    assert set(re.findall(r"https?://([^/'\"<]+)", page)) == {"testserver"}
    assert len(gzip.compress(page.encode())) < 30_000
    for path, operation in client.get("/api/openapi.json").json()["paths"].items():
        assert f"GET {path}" in page
        for parameter in operation["get"]["parameters"]:
            assert f"<code>{parameter['name']}</code>" in page or parameter["in"] == "header"
    assert client.get("/api/openapi.json").json()["openapi"].startswith("3.1")
