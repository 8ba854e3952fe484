"""/recommendations/ for one person: what a visitor likes or rates, and the list of a known user."""

import re
from urllib.parse import urlencode

import pytest
from django.db import OperationalError

from app.api import personal_lists as for_you
from app.models import Movie, RecommendationData
from tests.site.api.recommendations.answers import URL, ids, page, post
from tests.site.factories import curate, make_ranking, make_run, make_user_list
from tests.site.fitted import PICKS, USER, WEIGHTS
from tests.support.targets import ROOT

pytestmark = pytest.mark.django_db


def test_who_likes_movies_gets_what_follows_from_them_and_then_the_ranking(client, fitted):
    found = page(client, like="1,2")
    assert (found["personal"], found["count"], found["notice"]) == (3, 10, None)
    assert ids(found)[:3] == [9, 8, 7]
    assert ids(found)[3:] == [3, 4, 5, 6, 10, 11, 12]
    sources = [movie["source"] for movie in found["results"]]
    assert sources == ["personal"] * 3 + ["ranking"] * 7
    first = found["results"][0]
    reasons = [(one["movie_id"], one["title"]) for one in first["reasons"]]
    assert reasons == [(1, "Movie 1"), (2, "Movie 2")]
    assert [one["contribution"] > 0 for one in first["reasons"]] == [True, False]


def test_a_score_can_be_recomputed_from_its_own_fields(client, fitted):
    """As docs/api.md tells it: by its own code."""
    block = re.search(r"```python\n(.*?)```", (ROOT / "docs/api.md").read_text(), re.DOTALL)
    told: dict = {}
    exec(block[1], told)  # noqa: S102  # our own document
    addresses = ["like=1,2", "rated=1:5,2:1.5", "like=1&novelty=1", f"user={USER}", "q=movie"]
    for address in addresses:
        for movie in client.get(f"{URL}?{address}").json()["results"]:
            assert told["recomputed"](movie) == pytest.approx(movie["score"])
            if movie["source"] == "ranking":
                assert movie["score"] == movie["weighted_rating"]


def test_a_contribution_is_the_published_weight_times_the_rule_of_popularity(client, fitted):
    (nine, *_) = page(client, like="1,2")["results"]
    likes = 100  # every movie has a hundred ratings of 4 stars
    factor = ((likes + 5) / 50) ** 0.2645  # t = 0.2 log2(2 / 5)
    expected = {movie: WEIGHTS[movie][9] * 0.01 * factor for movie in (1, 2)}
    found = {one["movie_id"]: one["contribution"] for one in nine["reasons"]}
    assert found == pytest.approx(expected, rel=1e-3)


def test_a_known_user_gets_the_list_of_the_run_and_is_told_what_it_lacks(client, fitted):
    found = page(client, user=USER)
    assert (found["personal"], ids(found)[:2]) == (2, [5, 3])
    assert not {1, 2} & set(ids(found))  # reasons, so they were seen
    assert "may contain movies that they have rated" in found["notice"]
    assert page(client, user=USER, limit=2)["notice"] is None
    (five, three) = page(client, user=USER, limit=2)["results"]
    assert [one["movie_id"] for one in five["reasons"]] == [1, 2]
    assert three["rest"] == pytest.approx(0.25)


def test_a_user_s_list_is_of_the_run_that_is_asked_for(client, fitted):
    old = make_run("superseded")
    make_user_list(old, USER, (7, 1.0, (1, 0, 0), (1.0, 0.0, 0.0)))
    assert "no lists for users" in page(client, 404, user=USER, run=old.pk)["detail"]


def test_a_user_without_a_list_is_a_404_that_says_whether_there_are_any(client, fitted):
    assert page(client, 404, user=99)["detail"] == (
        f"Run {fitted.pk} has lists for 1 users, but none for user 99."
    )


def test_a_run_may_have_models_but_no_lists_of_users(client, fitted):
    fitted.fitted_models |= {"users": 0}
    fitted.save()
    assert "no lists for users (--users none)" in page(client, 404, user=99)["detail"]


def test_a_run_without_models_says_what_is_missing(client):
    run = make_run()
    make_ranking(run, 3)
    found = page(client, like="1")
    assert (ids(found), found["personal"]) == ([2, 3], 0)
    assert f"Run {run.pk} has no models" in found["notice"]
    assert "no lists for users" in page(client, 404, user=1)["detail"]
    assert "has no similar movies" in client.get("/api/movies/1/similar/").json()["notice"]


def test_where_nothing_follows_from_the_movies_the_ranking_says_so(client, fitted):
    found = page(client, like="12")
    assert (found["personal"], ids(found)[:2]) == (0, [1, 2])
    assert "Nothing follows from these movies" in found["notice"]


@pytest.mark.parametrize("asked", PICKS)
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_have_no_repeats_and_no_gaps(client, fitted, asked, limit):
    whole = page(client, limit=100, **asked)
    found, address = [], f"{URL}?{urlencode({'limit': limit, **asked})}"
    while address:
        part = client.get(address).json()
        found += part["results"]
        address = part["next"]
    assert found == whole["results"]
    assert len({movie["movie_id"] for movie in found}) == len(found) == whole["count"]


@pytest.mark.parametrize("asked", PICKS)
def test_hidden_movies_are_nowhere(client, fitted, asked):

    for movie in Movie.objects.filter(pk__in=[9, 5, 4]):
        curate(movie, hidden=True)
    found = page(client, limit=100, **asked)
    shown = set(ids(found)) | {
        reason["movie_id"] for movie in found["results"] for reason in movie["reasons"]
    }
    assert not {9, 5, 4} & shown


def test_a_hidden_reason_is_counted_to_the_rest(client, fitted):
    before = page(client, user=USER, limit=1)["results"][0]
    curate(fitted_movie(1), hidden=True)
    after = page(client, user=USER, limit=1)["results"][0]
    assert after["score"] == before["score"]
    assert [reason["movie_id"] for reason in after["reasons"]] == [2]
    assert after["rest"] == pytest.approx(before["rest"] + before["reasons"][0]["contribution"])


def fitted_movie(movie_id):

    return Movie.objects.get(pk=movie_id)


def test_pinned_movies_come_first_in_the_ranking_that_follows(client, fitted):
    curate(fitted_movie(11), pinned_position=1)
    found = page(client, like="1,2")["results"][3]
    assert (found["movie_id"], found["position"], found["pinned"]) == (11, 4, True)


def test_filters_hold_for_the_whole_list(client, fitted):
    found = page(client, like="1,2", year_from=2008, limit=100)
    assert (ids(found), found["personal"]) == ([9, 8, 10, 11, 12], 2)
    assert page(client, 400, like="1", genre="war")["errors"][0]["field"] == "genre"


def test_movies_below_the_floor_are_recommended_unless_it_is_asked_for(client, fitted):

    RecommendationData.objects.filter(movie_id=9).update(rating_count=3)
    assert ids(page(client, like="1,2"))[0] == 9
    assert 9 not in ids(page(client, like="1,2", min_ratings=50))


def test_equal_parameters_have_one_etag_in_whatever_order(client, fitted):
    tags = [
        {client.get(f"{URL}?{address}")["ETag"] for address in same}
        for same in (
            ["like=1,2", "like=2,1", "like=2%2C1&limit=20"],
            ["rated=1:4,2:3.5", "rated=2:3.5,1:4.0"],
            [f"user={USER}"],
            [""],
        )
    ]
    assert [len(found) for found in tags] == [1, 1, 1, 1]
    assert len(set.union(*tags)) == 4


def test_a_list_for_somebody_is_cached_and_validated_as_any_other(
    client, fitted, django_assert_max_num_queries
):
    client.get(URL)
    with django_assert_max_num_queries(6):
        first = client.get(f"{URL}?user={USER}")
    again = client.get(f"{URL}?user={USER}", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(f"{URL}?like=1,2")
    assert (head.status_code, head.content) == (200, b"")


def test_a_visitor_is_answered_from_memory_and_a_user_s_list_is_a_503_without_database(
    client, fitted, monkeypatch
):
    page(client, like="1")

    def away(*_):
        raise OperationalError("gone away")

    monkeypatch.setattr(for_you, "load_user_list", away)
    assert page(client, like="1,2")["personal"] == 3
    found = page(client, 503, user=USER)
    assert found["reason"] == "database_unreachable"


BAD = {
    "like=": "“” is not a movie id",
    "like=a": "“a” is not a movie id",
    "like=1,,2": "“” is not a movie id",
    "like=01": "“01” is not a movie id",
    "like=1,2,1": "movie 1 is named twice",
    "like=" + ",".join(map(str, range(1, 102))): "must name 1 to 100 movies",
    "like=4294967295": "is not a movie id",
    "rated=1": "“” is not a rating",
    "rated=1:6": "“6” is not a rating",
    "rated=1:4.7": "“4.7” is not a rating",
    "rated=1:0": "“0” is not a rating",
    "rated=1:4,1:5": "movie 1 is named twice",
    "rated=x:4": "“x” is not a movie id",
    "user=0": "whole number",
    "user=x": "whole number",
    "novelty=0.5": "together with like, rated or user",
    "like=1&novelty=1.5": "number from 0 to 1",
    "like=1&novelty=": "number from 0 to 1",
    "like=1&rated=2:4": "must not be given together with like",
    "like=1&user=2": "must not be given together with like",
    "rated=1:4&user=2": "must not be given together with rated",
    "like=1&order=year": "has its own order",
    "like=1&like=2": "must be given once",
}


@pytest.mark.parametrize("address", BAD)
def test_what_makes_no_sense_names_the_field_and_what_is_allowed(client, fitted, address):
    response = client.get(f"{URL}?{address}")
    assert (response.status_code, response["Cache-Control"]) == (400, "no-store")
    (error,) = response.json()["errors"]
    assert BAD[address] in error["detail"]
    assert error["field"] in address
    assert error["value"] is not None


def test_movies_that_there_are_not_are_named(client, fitted):
    curate(fitted_movie(3), hidden=True)
    (error,) = page(client, 400, like="1,3,98,99")["errors"]
    assert (error["field"], error["value"]) == ("like", "3,98,99")
    (error,) = page(client, 400, rated="98:4")["errors"]
    assert (error["field"], error["value"]) == ("rated", "98")
    (error,) = post(client, {"like": [99]}, 400)["errors"]
    assert error["value"] == "99"
