"""/stats/: the figures of the current run."""

import pytest

from tests.site.factories import curate, evaluation, make_ranking, make_run

pytestmark = pytest.mark.django_db


def test_the_figures_are_those_of_the_current_run(client):
    make_run("superseded", movies_accepted=9)
    run = make_run()
    make_ranking(run, 11)
    body = client.get("/stats/").json()
    top = body.pop("top")
    assert [item["movie_id"] for item in top] == list(range(1, 11))
    assert body == {
        "run": {"id": run.pk, "finished_at": "2026-01-02T03:04:05Z", "synthetic": False},
        "notice": None,
        "movies": 4,
        "movies_rated": 3,
        "movies_ranked": 11,
        "ratings": 10,
        "ratings_rejected": 2,
        "mean_rating": 4.2,
        "prior_mean": 4.2,
        "prior_weight": 50.0,
        "min_ratings": 50,
        "evaluation": None,
        "curation": {"hidden": 0, "pinned": 0, "notes": 0},
        "half_star_counts": {
            "0.5": 0, "1.0": 0, "1.5": 0, "2.0": 0, "2.5": 0,
            "3.0": 2, "3.5": 0, "4.0": 4, "4.5": 0, "5.0": 4,
        },
    }  # fmt: skip


def test_a_curated_list_is_called_so(client):
    run = make_run()
    movies = make_ranking(run, 4)
    curate(movies[0], hidden=True, public_note="nobody can read it")
    curate(movies[1], pinned_position=3, public_note="read me")
    curate(movies[2], public_note="me, too")
    curate(movies[3], note="for curators")
    in_force = {"hidden": 1, "pinned": 1, "notes": 2}
    assert client.get("/stats/").json()["curation"] == in_force
    assert client.get(f"/api/runs/{run.pk}/").json()["curation"] == in_force
    for address in ("/movies/", f"/runs/{run.pk}/"):
        page = " ".join(client.get(address).content.decode().split())
        assert "1 movie is pinned. 1 movie is hidden. 2 movies have a note." in page


def test_what_was_measured_is_shown_with_the_run(client):
    measured, fitted = evaluation(), {"packing": 1, "items": None, "visitors": {}, "similar": {},
                                      "users": 0}  # fmt: skip
    run = make_run(evaluation=measured, fitted_models=fitted)
    assert client.get("/stats/").json()["evaluation"] == measured
    body = client.get(f"/api/runs/{run.pk}/").json()
    assert (body["evaluation"], body["fitted_models"]) == (measured, fitted)


def test_the_dashboard_compares_what_is_recommended_with_baselines(client):
    make_run(evaluation=evaluation(0.1234, splits=("random", "temporal")))
    page = client.get("/dashboard/").content.decode()
    future, secret = page.index("predict the future"), page.index("Like most published figures")
    assert future < page.index("0.123", future) < secret < page.index("0.123", secret)
    assert "personal lists" in page and "most rated" in page


def test_a_run_that_was_not_measured_says_nothing_of_quality(client):
    make_run()
    page = client.get("/dashboard/").content.decode()
    assert "How good the recommendations are" not in page


def test_the_top_is_the_curated_one(client):
    movies = make_ranking(make_run(), 3)
    curate(movies[0], hidden=True)
    assert [item["movie_id"] for item in client.get("/stats/").json()["top"]] == [2, 3]


def test_generated_data_are_called_so(client):
    make_run(synthetic=True)
    body = client.get("/stats/").json()
    assert body["run"]["synthetic"] is True
    assert "MOVIELENS_DIR" in body["notice"]


def test_ratings_of_another_scale_are_called_so_on_pages_too(client):
    make_ranking(make_run(parameters={"scale": "1-10"}), 1)
    notice = client.get("/stats/").json()["notice"]
    assert "a scale of 1-10" in notice
    assert notice in client.get("/movies/1/").content.decode()
    make_run(parameters={"scale": "0.5-5"})
    assert client.get("/stats/").json()["notice"] is None


def test_without_a_run_there_are_none(client):
    assert client.get("/stats/").status_code == 503


def test_parameters_are_refused(client):
    make_run()
    assert client.get("/stats/?limit=3").json()["errors"][0]["field"] == "limit"
