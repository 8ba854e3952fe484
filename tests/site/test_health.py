"""/health/: 200 when the site can serve, 503 with a reason when it cannot."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from app import edition
from tests.site.conftest import SameThread
from tests.site.factories import make_run

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

    monkeypatch.setattr(edition, "watch", edition.Watch(read, executor=SameThread()))
    response = client.get(path)
    assert response.status_code == 503
    assert response.json()["reason"] == reason
