"""/metrics: figures for Prometheus, to those who know the token."""

import os
import signal
import urllib.request
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from app.serving import answer_cache
from tests.site.factories import make_ranking, make_run
from tests.support.processes import descendants, wait_until
from tests.support.server import get, gunicorn, site

TOKEN = "a-token-for-the-tests"
pytestmark = pytest.mark.django_db


@pytest.fixture
def scrape(client, settings):
    """The figures as Prometheus reads them: (name, labels) -> value."""
    settings.METRICS_TOKEN = TOKEN
    return lambda: parse(client.get("/metrics", headers=bearer()).content)


def bearer(token=TOKEN):
    return {"Authorization": f"Bearer {token}"}


def parse(body):
    return Counter(
        {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(body.decode())
            for sample in family.samples
        }
    )


def requests(endpoint, status, method="GET"):
    labels = {"endpoint": endpoint, "method": method, "status": status}
    return ("recsys_requests_total", *sorted(labels.items()))


def test_without_a_token_there_is_no_such_address(client):
    answer = client.get("/metrics", headers=bearer(""))
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ü"]
)
def test_nobody_gets_in_without_the_token(client, settings, given):
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"Authorization": given})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"
    assert "no-store" in answer["Cache-Control"]


def test_the_figures_are_text_that_nobody_keeps(client, settings):
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers=bearer())
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert client.head("/metrics", headers=bearer()).status_code == 200
    assert client.post("/metrics", headers=bearer()).status_code == 405


def test_requests_are_counted_by_endpoint_method_and_status(client, scrape):
    before = scrape()
    client.get("/health/")
    client.get("/health/?what=1")
    client.head("/health/")
    client.generic("BREW", "/health/")
    for number in range(3):
        client.get(f"/nowhere/{number}/")
    grown = scrape() - before
    statuses = [(labels, n) for labels, n in grown.items() if labels[0] == "recsys_requests_total"]
    assert dict(statuses) == {
        requests("/health/", "503"): 1,
        requests("/health/", "400"): 1,
        requests("/health/", "503", "HEAD"): 1,
        requests("/health/", "405", "OTHER"): 1,
        requests("unmatched", "404"): 3,
        requests("/metrics", "200"): 1,
    }
    took = ("recsys_request_seconds_bucket", ("endpoint", "/health/"), ("le", "10.0"))
    assert grown[took] == 4


def test_looks_into_the_read_cache_are_counted(scrape):
    before = scrape()
    for outcome in answer_cache.OUTCOMES:
        answer_cache.count(outcome)
    answer_cache.count("hit")
    grown = scrape() - before
    assert grown["recsys_read_cache_total", ("outcome", "hit")] == 2
    assert grown["recsys_read_cache_total", ("outcome", "unavailable")] == 1


def test_the_current_run_is_shown(scrape):
    run = make_run(
        finished_at=timezone.now() - timedelta(hours=1),
        movies_read=100,
        ratings_read=900,
        rejected_by_reason={"movies": {"bad_id": 3}, "ratings": {"bad_rating": 2}},
    )
    figures = scrape()
    assert figures["recsys_database_up",] == 1
    assert figures["recsys_run_id",] == run.pk
    assert figures["recsys_run_age_seconds",] == pytest.approx(3600, abs=60)
    assert figures["recsys_run_rejected_ratio",] == 0.005


def test_the_memory_of_the_catalogue_is_predicted(scrape):
    make_ranking(make_run(), 3)
    figures = scrape()
    assert figures["recsys_catalogue_movies",] == 3
    assert 0 < figures["recsys_catalogue_bytes",] <= 3_000


def test_without_a_run_there_are_no_figures_of_one(scrape):
    figures = scrape()
    assert figures["recsys_database_up",] == 1
    assert not [name for name, *_ in figures if name.startswith("recsys_run_")]


def test_the_figures_outlive_the_database(sqlite_target):
    nobody = {"DB_HOST": "127.0.0.1", "DB_PORT": "1"}
    with site(sqlite_target, METRICS_TOKEN=TOKEN, **nobody) as address:
        status, body = get(f"{address}/metrics", **bearer())
    assert status == 200
    figures = parse(body)
    assert figures["recsys_database_up",] == 0
    assert ("recsys_database_up",) in figures
    assert not [name for name, *_ in figures if name.startswith("recsys_run_")]


@dataclass
class Workers:
    """A site of two processes, and where they keep what they count."""

    process: object
    address: str
    folder: object

    def ids(self):
        return descendants(self.process.pid)

    def ask(self, times):
        for _ in range(times):
            get(f"{self.address}/nowhere/")

    def asked(self):
        _, body = get(f"{self.address}/metrics", **bearer())
        return parse(body)[requests("unmatched", "404")]

    def files(self):
        return sorted(self.folder.glob("recsys-metrics-*/*.db"))


@pytest.fixture
def workers(sqlite_target, tmp_path):
    environment = {"METRICS_TOKEN": TOKEN, "TMPDIR": str(tmp_path), "WEB_CONCURRENCY": "2"}
    with gunicorn(sqlite_target, **environment) as (process, address):
        yield Workers(process, address, tmp_path)


def test_whichever_worker_answers_tells_of_all(workers):
    workers.ask(20)
    assert [workers.asked() for _ in range(6)] == [20] * 6


def test_what_ended_workers_counted_is_kept_and_not_their_files(workers):
    workers.ask(20)
    all_ended = []
    for _ in range(3):
        all_ended.append(ended := workers.ids()[0])
        os.kill(ended, signal.SIGTERM)
        wait_until(lambda ended=ended: ended not in workers.ids() and len(workers.ids()) == 2)
        workers.ask(1)
    assert workers.asked() == 23
    writers = {file.stem.rpartition("_")[2] for file in workers.files()}
    assert writers and writers.isdisjoint(map(str, all_ended))


def test_nothing_is_left_of_the_folder(sqlite_target, tmp_path):
    with gunicorn(sqlite_target, TMPDIR=str(tmp_path)) as (_, address):
        get(f"{address}/nowhere/")
        assert list(tmp_path.glob("recsys-metrics-*"))
    assert not list(tmp_path.glob("recsys-metrics-*"))


def test_requests_that_never_reach_django_are_counted(workers):
    with pytest.raises(urllib.request.HTTPError):
        urllib.request.urlopen(f"{workers.address}/?{'q' * 10_000}", timeout=30)
    _, body = get(f"{workers.address}/metrics", **bearer())
    assert parse(body)[requests("unmatched", "414", "OTHER")] == 1
