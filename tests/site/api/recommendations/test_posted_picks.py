"""/recommendations/ for a visitor who posts the picks: an address would be too short for them."""

import pytest

from tests.site.api.recommendations.answers import URL, page, post
from tests.site.factories import make_movie

pytestmark = pytest.mark.django_db


def test_posted_picks_give_the_same_list_and_nothing_is_kept(client, fitted):
    for body, address in [
        ({"like": [2, 1]}, {"like": "1,2"}),
        ({"rated": {"1": 4.5, "2": 1}}, {"rated": "1:4.5,2:1"}),
        ({"rated": ["2:1", "1:4.5"], "limit": 2, "offset": 1, "novelty": 0},
         {"rated": "1:4.5,2:1", "limit": 2, "offset": 1, "novelty": "0"}),
    ]:  # fmt: skip
        assert post(client, body)["results"] == page(client, **address)["results"]
    response = client.post(URL, {"like": [1]}, content_type="application/json")
    assert (response["Cache-Control"], "ETag" in response) == ("no-store", False)


def test_a_posted_list_is_paged_by_posting_it_again(client, fitted):
    whole = post(client, {"like": [1, 2], "limit": 100})
    found, body = [], {"like": [1, 2], "limit": 3, "offset": 0}
    while len(found) < whole["count"]:
        part = post(client, body)
        assert (part["next"], part["previous"]) == (None, None)
        found += part["results"]
        body |= {"offset": len(found), "run": part["run"], "version": part["version"]}
    assert found == whole["results"]


def test_two_thousand_movies_can_be_posted(client, fitted):
    for n in range(100, 2_090):
        make_movie(n)
    everything = {str(n): 4 for n in [1, 2, *range(100, 2_090)]}
    assert post(client, {"rated": everything})["personal"] == 3
    too_many = {str(n): 4 for n in range(1, 2_002)}
    assert "1 to 2000 movies" in post(client, {"rated": too_many}, 400)["detail"]


BAD_BODIES = {
    " ": "must be a JSON object",
    "[1]": "must be a JSON object",
    "{": "must be a JSON object",
    "[" * 50_000: "must be a JSON object",
    "{}": "either like or rated must be given",
    '{"like": [1], "rated": {"2": 4}}': "either like or rated must be given",
    '{"like": 1}': "must be a list of movie ids",
    '{"like": null}': "must be a list of movie ids",
    '{"like": ["1"]}': "is not a movie id",
    '{"like": [true]}': "is not a movie id",
    '{"like": [1.5]}': "is not a movie id",
    '{"like": []}': "must name 1 to 2000 movies",
    '{"like": [1, 1]}': "movie 1 is named twice",
    '{"rated": {"1": "4"}}': "is not a rating",
    '{"rated": {"1": NaN}}': "is not a rating",
    '{"rated": {"1": 4, "1": 5}}': "must be given once",
    '{"rated": 4}': "must be a list such as 1:4.5",
    '{"like": [1], "like": [2]}': "must be given once",
    '{"like": [1], "limit": "5"}': "whole number from 1 to 100",
    '{"like": [1], "limit": null}': "whole number from 1 to 100",
    '{"like": [1], "limit": true}': "whole number from 1 to 100",
    '{"like": [1], "novelty": "0.5"}': "number from 0 to 1",
    '{"like": [1], "user": 3}': "unknown",
    '{"like": [1], "order": "year"}': "unknown",
    '{"like": [1], "\\ud800": 1}': "must be a JSON object",
    '{"like": [1], "q": "\\ud800"}': "must be a JSON object",
    '{"like": [1], "genre": "War"}': "genre: ",
    '{"like": [1], "genre": ["war"]}': "must be one of",
}


@pytest.mark.parametrize("body", BAD_BODIES)
def test_a_body_that_makes_no_sense_is_a_400(client, fitted, body):
    assert BAD_BODIES[body] in post(client, body, 400)["detail"]


def test_a_body_that_is_no_json_or_too_long_is_refused(client, fitted):
    assert "application/json" in post(client, "like=1", 415, content_type="text/plain")["detail"]
    form = "application/x-www-form-urlencoded"
    assert post(client, "like=1", 415, content_type=form)["status"] == 415
    for size in (100_001, 2_000_000):
        assert (
            post(client, " " * size, 413)["detail"] == "The body must have at most 100,000 bytes."
        )
    response = client.post(f"{URL}?limit=3", {"like": [1]}, content_type="application/json")
    assert response.json()["errors"][0]["field"] == "limit"


def test_other_addresses_take_no_post(client, fitted):
    response = client.post("/stats/", {}, content_type="application/json")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    response = client.put(URL, {}, content_type="application/json")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")
