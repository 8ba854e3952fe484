"""A database that went away. How a real one dies is in tests/system/faults/test_faults.py."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, ProgrammingError, connection
from django.utils import timezone

from app.serving.answer_cache import OUTCOMES, counter
from tests.site.factories import make_run

pytestmark = pytest.mark.django_db
LIST = "/recommendations/"
LOADED = (LIST, f"{LIST}?limit=3&genre=War", "/api/search/?q=movie", "/api/movies/3/", "/stats/",
          "/api/genres/", "/api/runs/", "/movies/", "/movies/3/", "/dashboard/",
          "/runs/", "/runs/feed.atom", "/about/", "/sitemap-1.xml")  # fmt: skip


@pytest.fixture
def lose_the_database(monkeypatch, site_watcher):
    """Each later check fails; what was loaded before is shown."""

    def lose():
        site_watcher.check()
        monkeypatch.setattr(site_watcher, "_read", _fail)

    return lose


def _fail():
    raise OperationalError(2006, "Server has gone away")


@contextmanager
def _connection_lost():
    def fail(*_):
        raise OperationalError(2006, "Server has gone away")

    with connection.execute_wrapper(fail):
        yield


@pytest.mark.parametrize("address", LOADED)
def test_all_of_a_loaded_run_is_served_and_marked(client, run, lose_the_database, address):
    lose_the_database()
    after = client.get(address)
    assert after.status_code == 200
    assert int(after.headers["Age"]) >= 0
    assert after.headers["Cache-Status"].startswith("recsys; hit; ttl=-")


def test_an_answer_of_before_is_the_same_and_was_not_marked(client, run, lose_the_database):
    before = client.get(LIST)
    lose_the_database()
    assert client.get(LIST).content == before.content
    assert not {"Age", "Cache-Status", "Warning"} & set(before.headers)


def test_what_was_never_loaded_is_a_503(client, run, lose_the_database):
    earlier = make_run("superseded", finished_at=timezone.now() - timedelta(days=1))
    client.get(LIST)
    lose_the_database()
    for address in ("/health/", f"{LIST}?run={earlier.pk}", f"/movies/?run={earlier.pk}"):
        with _connection_lost():
            response = client.get(address)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "30"), address
    assert client.get("/health/live/").json() == {"status": "alive"}


def test_what_becomes_of_a_request_is_counted(client, run, lose_the_database):
    def counted():
        return {name: counter.labels(name)._value.get() for name in OUTCOMES}

    earlier, before = make_run("superseded"), counted()
    tag = client.get(LIST).headers["ETag"]
    client.get(LIST)
    client.get(LIST, headers={"If-None-Match": tag})
    lose_the_database()
    client.get(LIST)
    with _connection_lost():
        client.get(f"{LIST}?run={earlier.pk}")
    assert {name: counted()[name] - before[name] for name in OUTCOMES} == dict.fromkeys(OUTCOMES, 1)


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (OperationalError(1054, "Unknown column 'app_movie.year'"), 503, "not_migrated"),
        (OperationalError(1045, "Access denied for user"), 503, "database_unreachable"),
        (ProgrammingError(1064, "You have an error in your SQL syntax"), 500, None),
    ],
)
def test_why_the_database_does_not_serve_is_in_the_log(
    client, run, site_watcher, monkeypatch, caplog, error, status, reason
):
    def fail():
        raise error

    monkeypatch.setattr(site_watcher, "_read", fail)
    response = client.get(LIST)
    assert (response.status_code, response.json().get("reason")) == (status, reason)
    assert str(error.args[1]) in caplog.text
    assert str(error.args[1]) not in response.content.decode()
