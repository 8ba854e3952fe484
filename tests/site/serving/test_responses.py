"""How JSON is answered: known bytes, validators, compression, methods, hosts, a database away."""

import gzip
import json
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, ProgrammingError, connection
from django.test import override_settings
from django.utils import timezone

from app.catalogue.decisions import Decisions
from app.models import Curation, Movie, Run
from app.serving import answer_cache
from app.serving.answer_cache import OUTCOMES, Answer, AnswerCache, counter
from app.serving.negotiation import matches, takes_gzip
from app.serving.state import read_state
from tests.site.factories import curate, make_ranking, make_run

pytestmark = pytest.mark.django_db
LIST = "/recommendations/"
KEPT = [LIST, "/stats/", "/api/search/?q=movie", "/api/genres/", "/api/runs/", "/api/openapi.json"]


@pytest.fixture
def run():
    run = make_run()
    make_ranking(run, 30, genres=("War",))
    return run


@pytest.mark.parametrize("address", KEPT)
def test_an_answer_that_is_known_asks_the_database_for_the_version_only(
    client, run, address, django_assert_num_queries
):
    first = client.get(address)
    with django_assert_num_queries(2):
        again = client.get(address)
    assert (first.status_code, again.content) == (200, first.content)


def test_one_answer_serves_all_ways_to_ask_for_it(client, run):
    wordy = client.get("/recommendations/?offset=0&limit=20&order=weighted_rating&genre=War")
    assert client.get("/recommendations/?genre=War").headers["ETag"] == wordy.headers["ETag"]
    assert client.get("/recommendations/?genre=-War").headers["ETag"] != wordy.headers["ETag"]


@pytest.mark.parametrize("address", KEPT)
def test_what_a_client_has_is_not_sent_again(client, run, address):
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Last-Modified", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]


def test_the_time_of_the_run_alone_decides_nothing(client, run):
    # A curator's change leaves it as it is.
    since = client.get(LIST).headers["Last-Modified"]
    assert since == "Fri, 02 Jan 2026 03:04:05 GMT"
    curate(run.recommendationdata_set.first().movie, hidden=True)
    again = client.get(LIST, headers={"If-Modified-Since": since})
    assert again.status_code == 200


def test_caches_are_told_what_they_may_do(client, run):
    headers = client.get(LIST).headers
    assert headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=30"
    assert headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in headers


def test_a_compressed_answer_is_the_same_answer(client, run):
    plain = client.get(LIST)
    packed = client.get(LIST, headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["Content-Length"] == str(len(packed.content))
    assert "Content-Encoding" not in plain.headers


def test_an_answer_is_compressed_once(client, run, monkeypatch):
    packed = []
    compress = gzip.compress
    monkeypatch.setattr(
        answer_cache.gzip, "compress", lambda *a, **k: packed.append(1) or compress(*a, **k)
    )
    for _ in range(3):
        client.get(LIST, headers={"Accept-Encoding": "gzip"})
    assert packed == [1]


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("", False), ("gzip", True), ("GZIP", True), ("deflate, gzip;q=0.5", True), ("*", True),
        ("gzip;q=0", False), ("gzip; q=0.0", False), ("gzip;q=0.000, *", False), ("br", False),
        ("x-gzip", False), ("gzip;q=0.001", True), ("gzip;\tq=0", False), ("gzip\t;q\t=0", False),
    ],
)  # fmt: skip
def test_only_who_takes_gzip_gets_it(header, taken):
    assert takes_gzip(header) == taken


@pytest.mark.parametrize(
    ("header", "same"),
    [('W/"a"', True), ('"a"', True), ('"b", W/"a"', True), ("*", True), ('"b"', False), ("", False),
     ("a", False)],
)  # fmt: skip
def test_validators_are_compared_weakly(header, same):
    assert matches(header, 'W/"a"') == same


@pytest.mark.parametrize("address", [*KEPT, "/health/", "/health/live/", "/", "/api/movies/0/"])
def test_head_has_the_headers_of_get_and_no_body(client, run, address):
    get, head = client.get(address), client.head(address)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["Content-Length"] == str(len(get.content))
    assert head.headers.get("ETag") == get.headers.get("ETag")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("address", ["/stats/", "/", "/health/", "/api/movies/1/"])
def test_nothing_can_be_written(client, run, address, method):
    response = getattr(client, method)(address)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert response.headers["Content-Type"] == "application/problem+json"


# Versions of the catalogue


def test_a_curator_s_change_is_another_version(client, run):
    before = client.get(LIST)
    decision = curate(run.recommendationdata_set.first().movie, hidden=True)
    hidden = client.get(LIST)
    assert hidden.json()["count"] == before.json()["count"] - 1
    assert hidden.headers["ETag"] != before.headers["ETag"]
    Curation.objects.filter(pk=decision.pk).update(hidden=False)
    # The same contents are the same version, whatever happened in between.
    assert client.get(LIST).headers["ETag"] == before.headers["ETag"]


def test_a_note_is_none(client, run):
    before = client.get(LIST).headers["ETag"]
    curate(run.recommendationdata_set.first().movie, note="for us only")
    assert client.get(LIST).headers["ETag"] == before


def test_an_end_date_that_passes_is_another_version(client, run, monkeypatch):
    until = timezone.now() + timedelta(hours=1)
    curate(run.recommendationdata_set.first().movie, hidden=True, until=until)
    assert client.get(LIST).json()["count"] == 29
    monkeypatch.setattr(timezone, "now", lambda: until + timedelta(seconds=1))
    assert client.get(LIST).json()["count"] == 30


def test_a_publish_is_another_version_also_to_lists_of_a_former_run(client, run):
    # The titles of the catalogue are the newest run's.
    address = f"{LIST}?run={run.pk}"
    before = client.get(address).headers["ETag"]
    Run.objects.filter(pk=run.pk).update(status="superseded")
    make_run()
    assert client.get(address).headers["ETag"] != before


def test_a_purge_is_another_version(client, run):
    former = make_run("superseded")
    assert [item["kept"] for item in client.get("/api/runs/").json()["results"]] == [True, True]
    Run.objects.filter(pk=former.pk).update(purged_at=timezone.now())
    assert [item["kept"] for item in client.get("/api/runs/").json()["results"]] == [False, True]


def test_what_goes_wrong_is_not_remembered(client, run):
    assert client.get(f"{LIST}?run=999").status_code == 404
    make_run("superseded", id=999)
    assert client.get(f"{LIST}?run=999").status_code == 200


# A database that went away. How a real one dies is in tests/system/faults/test_faults.py.


@pytest.fixture
def lose_the_database(monkeypatch, site_watcher):
    """Each later check fails; what was loaded before is shown."""

    def lose():
        site_watcher.check()
        monkeypatch.setattr(site_watcher, "_read", _fail)

    return lose


def _fail():
    raise OperationalError(2006, "Server has gone away")


LOADED = (LIST, f"{LIST}?limit=3&genre=War", "/api/search/?q=movie", "/api/movies/3/", "/stats/",
          "/api/genres/", "/api/runs/", "/movies/", "/movies/3/", "/dashboard/",
          "/runs/", "/runs/feed.atom", "/about/", "/sitemap-1.xml")  # fmt: skip


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


@contextmanager
def _connection_lost():
    def fail(*_):
        raise OperationalError(2006, "Server has gone away")

    with connection.execute_wrapper(fail):
        yield


# Limits and hosts


def test_memory_is_bounded_and_the_oldest_goes_first():
    cache = AnswerCache(3_200)
    for key in range(4):
        cache.put(key, Answer(b"", "", {}))
    assert [cache.get(key) is not None for key in range(4)] == [False, True, True, True]
    cache.put(9, Answer(b"x" * 3_200, "", {}))
    assert cache.get(9) is None


@override_settings(ALLOWED_HOSTS=["movies.example.org"])
def test_health_answers_under_any_name_and_nothing_else_does(client, run):
    for address in ("/health/", "/health/live/", "/"):
        assert client.get(address, headers={"Host": "10.0.0.7:8000"}).status_code == 200
    refused = client.get(LIST, headers={"Host": "10.0.0.7:8000"})
    assert (refused.status_code, json.loads(refused.content)["errors"][0]["field"]) == (400, "Host")
    page = client.get("/movies/", headers={"Host": "10.0.0.7:8000"})
    assert page.status_code == 400
    assert client.get(LIST, headers={"Host": "movies.example.org"}).status_code == 200


def test_a_fault_of_ours_is_a_problem_that_tells_no_secrets(client, run, monkeypatch, caplog):
    def fail(*_, **__):
        raise ValueError("the password is swordfish")

    monkeypatch.setattr("app.web.parameters.top_movies", fail)
    response = client.get(LIST)
    assert (response.status_code, response.headers["Content-Type"]) == (
        500,
        "application/problem+json",
    )
    assert "swordfish" not in response.content.decode()
    assert "swordfish" in caplog.text


def test_an_address_without_its_slash_leads_to_the_one_with_it(client, run):
    response = client.get("/api/movies/1?run=1")
    assert (response.status_code, response.headers["Location"]) == (301, "/api/movies/1/?run=1")


def test_what_is_nowhere_under_api_is_json_to_browsers_too(client):
    response = client.get("/api/nothing/", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["Content-Type"]) == (
        404,
        "application/problem+json",
    )


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


def test_a_way_back_is_another_version_as_the_titles_stay(client, run):
    before = client.get(LIST)
    later = make_run("superseded")
    Run.objects.filter(pk=run.pk).update(status="superseded")
    Run.objects.filter(pk=later.pk).update(status="current")
    Movie.objects.filter(pk=1).update(title="Renamed by the later run")
    Run.objects.filter(pk=later.pk).update(status="superseded")
    Run.objects.filter(pk=run.pk).update(status="current")
    after = client.get(LIST)
    assert after.json()["results"][0]["title"] == "Renamed by the later run"
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize("name", ["started_at", "finished_at"])
def test_another_run_of_the_same_number_is_another_version(client, run, name):
    # As after a restored backup, or in a database made anew.
    before = client.get(LIST).headers["ETag"]
    Run.objects.filter(pk=run.pk).update(**{name: timezone.now()})
    assert client.get(LIST).headers["ETag"] != before


def test_a_purge_is_seen_although_the_clocks_differ(client, run):
    ahead, now = timezone.now() + timedelta(days=1), timezone.now()
    first, second = make_run("superseded", purged_at=ahead), make_run("superseded")
    assert client.get(f"{LIST}?run={second.pk}").status_code == 200
    Run.objects.filter(pk=second.pk).update(purged_at=now)
    assert client.get(f"{LIST}?run={second.pk}").status_code == 404
    assert first.purged_at > now


def test_the_version_holds_what_the_models_call_current_and_active(run):
    movies = [row.movie for row in run.recommendationdata_set.all()[:6]]
    soon, past = timezone.now() + timedelta(hours=1), timezone.now() - timedelta(hours=1)
    for movie, until in zip(movies[:3], (None, soon, past), strict=True):
        curate(movie, hidden=True, until=until)
    curate(movies[3], pinned_position=2)
    curate(movies[4], note="nothing else")
    active = Curation.objects.active().filter(hidden=True).values_list("movie_id", flat=True)
    state = read_state()
    assert state.run.run_id == Run.objects.current().get().pk
    assert state.decisions == Decisions(frozenset(active), ((2, movies[3].pk),))
    assert set(active) == {movies[0].pk, movies[1].pk}


def test_no_two_addresses_are_taken_for_one(client, run):
    assert client.get("/api/search/?q=movie?b/").status_code == 200
    assert client.get("/api/search/%3Fq=movie?b/").status_code == 404


@pytest.mark.parametrize("address", ["/movies/", "/dashboard/", "/api/docs/", "/nothing/"])
def test_head_of_a_page_has_no_body(client, run, address):
    head, get = client.head(address), client.get(address)
    assert (head.status_code, head.content) == (get.status_code, b"")


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
