"""/api/docs/: the API's reference, and forms that lead to what they ask for."""

import gzip
import re

import pytest

from tests.site.factories import make_movie, make_run, rate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _published():
    rate(make_run(), make_movie(1, genres=("War",)))


def test_each_address_has_an_example_that_works_and_a_form(client):
    page = client.get("/api/docs/").content.decode()
    examples = re.findall(
        r"curl &#x27;http://testserver([^']+)&#x27;|curl 'http://testserver([^']+)'", page
    )
    addresses = {one or other for one, other in examples}
    assert {"/stats/", "/recommendations/", "/api/movies/1/"} <= addresses
    for address in addresses - {"/api/runs/1/", "/api/runs/1/diff/1/"}:
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address
    assert page.count('name="try"') == page.count('class="operation"') >= len(addresses) - 1


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("try=recommendations&limit=&genre=&order=", "/recommendations/"),
        ("try=search&q=%C3%A9&limit=5&genre=-War", "/api/search/?q=%C3%A9&limit=5&genre=-War"),
        ("try=recommendations&rated=1:4.5,2:3", "/recommendations/?rated=1:4.5,2:3"),
        ("try=movie&movie_id=1", "/api/movies/1/"),
        ("try=movie&movie_id=", "/api/movies/1/"),
        ("try=movie&movie_id=../../admin", "/api/movies/..%2F..%2Fadmin/"),
        ("try=stats&colour=red", "/stats/?colour=red"),
    ],
)  # fmt: skip
def test_a_form_leads_to_the_json_address_without_its_empty_fields(client, query, address):
    answer = client.get(f"/api/docs/?{query}")
    assert (answer.status_code, answer["Location"]) == (302, address)


@pytest.mark.parametrize("query", ["try=nothing", "limit=5"])
def test_the_page_itself_takes_no_parameters(client, query):
    assert client.get(f"/api/docs/?{query}").status_code == 400


def test_the_page_is_small(client):
    page = client.get("/api/docs/")
    assert len(gzip.compress(page.content, 6)) < 30_000


def test_whatever_is_asked_of_the_page_the_document_behind_it_is_made_once(client, monkeypatch):
    before = client.get("/api/docs/").content
    monkeypatch.setattr("app.api.openapi.TypeAdapter", None)
    for headers in ({}, {"Accept": "*/*"}, {"Accept-Encoding": "gzip,"}):
        page = client.get("/api/docs/", headers=headers)
        assert page.headers.get("Content-Encoding") == "gzip" or page.content == before
    assert client.get("/api/docs/?x=1").status_code == 400
