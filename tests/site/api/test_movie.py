"""/api/movies/<id>/: one movie, its ratings, and how its score came about."""

import pytest

from tests.site.factories import curate, make_movie, make_run, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_run(prior_mean=3.5, prior_weight=50.0)


@pytest.fixture
def movie():
    return make_movie(7, "Heat", 1995, ("Thriller", "Action"))


def test_a_score_is_explained_by_its_terms(client, run, movie):
    rate(run, movie, 4.0, rank=3, rating_count=150, avg_rating=4.2, half_stars_8=150)
    found = client.get("/api/movies/7/").json()
    explained = found["explanation"]
    assert (found["title"], found["genres"]) == ("Heat", ["Action", "Thriller"])
    assert found["half_star_counts"]["4.0"] == 150
    assert sum(found["half_star_counts"].values()) == 150
    assert (explained["n"], explained["m"], explained["weight"]) == (150, 50.0, 0.75)
    n, R, C, m = (explained[name] for name in "nRCm")  # noqa: N806
    assert (n * R + m * C) / (n + m) == pytest.approx(4.025)


def test_a_public_note_is_told_to_everybody_and_changes_the_validator(client, run, movie):
    rate(run, movie)
    before = client.get("/api/movies/7/")
    assert before.json()["public_note"] is None
    curate(movie, public_note="重映：导演剪辑版 🎬", note="for curators")
    after = client.get("/api/movies/7/")
    assert after.json()["public_note"] == "重映：导演剪辑版 🎬"
    assert "for curators" not in after.content.decode()
    assert after.headers["ETag"] != before.headers["ETag"]


def test_ratings_without_times_were_last_made_at_none(client, run, movie):
    rate(run, movie, last_rated_at=None)
    assert client.get("/api/movies/7/").json()["last_rated_at"] is None


def test_the_change_of_rank_is_told_since_the_former_kept_run(client, movie):
    rate(make_run("superseded"), movie, rank=9)
    former = make_run("superseded")
    rate(former, movie, rank=5)
    rate(make_run("failed"), movie, rank=1)
    rate(make_run(), movie, rank=2)
    explained = client.get("/api/movies/7/").json()["explanation"]
    assert (explained["previous_run"], explained["previous_rank"]) == (former.pk, 5)
    assert explained["rank_change"] == 3


@pytest.mark.parametrize(("before", "now"), [(None, 2), (2, None)])
def test_without_both_ranks_there_is_no_change(client, movie, before, now):
    rate(make_run("superseded"), movie, rank=before)
    rate(make_run(), movie, rank=now)
    assert client.get("/api/movies/7/").json()["explanation"]["rank_change"] is None
    assert client.get("/movies/7/").status_code == 200


def test_a_movie_without_ratings_has_nothing_to_explain(client, run, movie):
    found = client.get("/api/movies/7/").json()
    assert (found["explanation"], found["last_rated_at"]) == (None, None)
    assert set(found["half_star_counts"].values()) == {0}


@pytest.mark.parametrize("address", ["/api/movies/7/", "/movies/7/"])
def test_a_hidden_movie_is_not_to_be_found(client, run, movie, address):
    rate(run, movie)
    assert client.get(address).status_code == 200
    curate(movie, hidden=True)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/movies/8/", 404), ("/api/movies/0/", 400), ("/api/movies/x/", 400),
        ("/api/movies/99999999999999999999/", 400), ("/api/movies/７/", 400),
        ("/api/movies/7/?run=999", 404), ("/api/movies/7/?limit=3", 400),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_problem(client, run, movie, address, status):
    response = client.get(address)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert status == 404 or response.json()["errors"][0]["value"] is not None


def test_a_former_run_is_shown_as_such(client, movie):
    former = make_run("superseded")
    rate(former, movie, 3.9, rank=1)
    rate(make_run(), movie, 4.0, rank=1)
    assert client.get(f"/api/movies/7/?run={former.pk}").json()["run"] == former.pk
