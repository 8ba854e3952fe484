"""/health/: 200 when the site can serve, 503 with a reason when it cannot."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from app.models import Run
from app.serving import watcher as watching
from tests.site.conftest import new_watcher
from tests.site.factories import curate, make_movie, make_ranking, make_run

pytestmark = pytest.mark.django_db


def test_a_current_run_is_healthy(client):
    run = make_run(finished_at=timezone.now() - timedelta(hours=1))
    response = client.get("/health/")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    assert (body["status"], body["database"], body["run"]["id"]) == ("ok", "ok", run.pk)
    assert 3600 <= body["run"]["age_seconds"] < 3660


@pytest.mark.parametrize("status", ["loading", "failed", "superseded"])
def test_without_a_current_run_it_is_not(client, status):
    make_run(status)
    response = client.get("/health/")
    assert response.status_code == 503
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Retry-After"] == "30"
    assert response.json()["reason"] == "no_run"
    assert "run the batch job" in response.json()["detail"]


LISTS = ("/recommendations/", "/recommendations/?genre=War&offset=3", "/stats/",
         "/api/search/?q=movie", "/api/movies/1/", "/api/genres/")  # fmt: skip
PAGES = ("/", "/movies/", "/movies/?order=year&limit=10", "/movies/1/", "/dashboard/")


def test_a_run_that_has_no_rows_at_all_cannot_serve(client):
    run = make_run(movies_ranked=9000)
    make_movie(1, genres=("War",))
    for path in ("/health/", *LISTS):
        response = client.get(path)
        assert (response.status_code, response.json()["reason"]) == (503, "run_without_rows"), path
        assert f"Run {run.pk} counts 9,000 ranked movies" in response.json()["detail"]
    for path in PAGES:
        response = client.get(path, headers={"Accept": "text/html"})
        assert response.status_code == 503, path
        assert f"The rows of run {run.pk} are gone" in response.content.decode()


def test_a_kept_run_is_shown_while_the_current_one_has_no_rows(client):
    former = make_run("superseded")
    make_ranking(former, 2)
    make_run(movies_ranked=9000)
    assert client.get(f"/recommendations/?run={former.pk}").json()["count"] == 2


@pytest.mark.parametrize("counted", [0, 1, 9000])
def test_a_run_that_differs_from_its_own_counts_serves_what_it_has(client, counted):
    run = make_run()
    make_ranking(run, 3, genres=("War",))
    Run.objects.update(movies_ranked=counted, ratings_accepted=0, half_star_counts=[0] * 10)
    curate(make_movie(9), hidden=True)
    for path in LISTS:
        assert client.get(path).status_code == 200, path
    for path in PAGES:
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 200, path
    health = client.get("/health/")
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    warnings = {one["reason"]: one["detail"] for one in health.json()["warnings"]}
    said = f"Run {run.pk} counts {counted:,} ranked movies; 3 have rows."
    assert warnings["run_differs_from_its_counts"] == said


def test_a_list_is_as_long_as_its_rows_and_not_as_its_run_says(client):
    make_ranking(make_run(), 3)
    Run.objects.update(movies_ranked=9000)
    body = client.get("/recommendations/").json()
    assert (body["count"], len(body["results"]), body["next"]) == (3, 3, None)
    assert client.get("/recommendations/?offset=100").json()["count"] == 3


def test_parameters_are_refused(client):
    response = client.get("/health/?verbose=1")
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "verbose"


def test_writing_is_refused_with_what_is_allowed(client):
    response = client.post("/health/")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"
    assert response.headers["Content-Type"] == "application/problem+json"


def test_head_is_answered_without_a_body(client):
    make_run()
    response = client.head("/health/")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("unable to open database file", "database_unreachable"),
        ("(2002, \"Can't connect to server on '127.0.0.1'\")", "database_unreachable"),
        ("no such table: app_run", "not_migrated"),
        ("(1146, \"Table 'recsys.app_run' doesn't exist\")", "not_migrated"),
    ],
)
@pytest.mark.parametrize("path", ["/health/", "/stats/", "/recommendations/"])
def test_a_database_error_is_a_503_with_its_reason(client, monkeypatch, path, message, reason):
    # The errors as the engines word them; the end-to-end tests stop a real server.
    def read():
        raise OperationalError(message)

    monkeypatch.setattr(watching, "watcher", new_watcher(read))
    response = client.get(path)
    assert response.status_code == 503
    assert response.json()["reason"] == reason
