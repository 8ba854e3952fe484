"""How JSON is answered: known bytes, validators, compression, methods, hosts."""

import gzip
import json

import pytest
from django.test import override_settings

from app.serving import answer_cache
from app.serving.answer_cache import Answer, AnswerCache
from app.serving.negotiation import matches, takes_gzip
from tests.site.factories import curate, make_run

pytestmark = pytest.mark.django_db
LIST = "/recommendations/"
KEPT = [LIST, "/stats/", "/api/search/?q=movie", "/api/genres/", "/api/runs/", "/api/openapi.json"]


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


def test_what_goes_wrong_is_not_remembered(client, run):
    assert client.get(f"{LIST}?run=999").status_code == 404
    make_run("superseded", id=999)
    assert client.get(f"{LIST}?run=999").status_code == 200


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


def test_memory_is_bounded_and_the_oldest_goes_first():
    cache = AnswerCache(3_200)
    for key in range(4):
        cache.put(key, Answer(b"", "", {}))
    assert [cache.get(key) is not None for key in range(4)] == [False, True, True, True]
    cache.put(9, Answer(b"x" * 3_200, "", {}))
    assert cache.get(9) is None


@pytest.mark.parametrize("address", [*KEPT, "/health/", "/health/live/", "/", "/api/movies/0/"])
def test_head_has_the_headers_of_get_and_no_body(client, run, address):
    get, head = client.get(address), client.head(address)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["Content-Length"] == str(len(get.content))
    assert head.headers.get("ETag") == get.headers.get("ETag")


@pytest.mark.parametrize("address", ["/movies/", "/dashboard/", "/api/docs/", "/nothing/"])
def test_head_of_a_page_has_no_body(client, run, address):
    head, get = client.head(address), client.get(address)
    assert (head.status_code, head.content) == (get.status_code, b"")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("address", ["/stats/", "/", "/health/", "/api/movies/1/"])
def test_nothing_can_be_written(client, run, address, method):
    response = getattr(client, method)(address)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert response.headers["Content-Type"] == "application/problem+json"


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

    monkeypatch.setattr("app.api.views.top_movies", fail)
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


def test_no_two_addresses_are_taken_for_one(client, run):
    assert client.get("/api/search/?q=movie?b/").status_code == 200
    assert client.get("/api/search/%3Fq=movie?b/").status_code == 404


def test_what_is_nowhere_under_api_is_json_to_browsers_too(client):
    response = client.get("/api/nothing/", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["Content-Type"]) == (
        404,
        "application/problem+json",
    )
