"""The whole way: spark-submit, both engines, read back through HTTP."""

import json
import math
import os
import subprocess
from http import HTTPStatus

import numpy as np
import pytest

from tests.support.mariadb import mariadb, start
from tests.support.published import FEW_MOVIES
from tests.support.server import get, site
from tests.support.targets import ROOT, MariaDBTargets, Target

BROWSER = {"Accept": "text/html"}


def get_json(url: str):
    return json.loads(get(url)[1])


def submit(target: Target, folder, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["spark-submit", "--master", "local[2]", "spark_jobs/spark_emr.py",
         "--input", str(folder), "--database", target.address, *arguments],
        cwd=ROOT, env=os.environ | target.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def whole_list(address: str, query: str) -> list[dict]:
    """All results of a list, page by page."""
    results, link = [], f"{address}/recommendations/?limit=100&{query}"
    while link:
        body = get_json(link)
        results += body["results"]
        link = body["next"]
    return results


@pytest.fixture(scope="module")
def published(dataset, sqlite_targets, mariadb_targets):
    """Both engines with the same data, by way of spark-submit."""
    targets = [sqlite_targets.make(), mariadb_targets.make()]
    # The quality is measured once: it is that of the models, whatever holds their rows.
    for target, more in zip(targets, [(), ("--no-evaluate",)], strict=True):
        done = submit(target, dataset, *FEW_MOVIES, *more)
        assert done.returncode == 0, done.stderr
        assert "is current in" in done.stdout
    return targets


@pytest.mark.parametrize(
    "query", ["", "min_ratings=0", "genre=Film-Noir&min_ratings=1", "year_from=1990&year_to=1995"]
)
def test_both_engines_serve_the_same_list(published, query):
    lists = []
    for target in published:
        with site(target) as address:
            lists.append(whole_list(address, query))
    assert lists[0] == lists[1]
    assert len(lists[0]) > 20


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("app_similarmovie", "movie_id"),
        ("app_visitorweights", "movie_id"),
        ("app_userrecommendation", "user_id"),
    ],
)
def test_both_engines_hold_the_same_recommendations(published, table, key):
    one, other = (
        target.rows(f"SELECT {key}, packed FROM {table} ORDER BY {key}") for target in published
    )
    assert one == other
    assert len(one) > 500


def test_both_engines_recommend_the_same_with_scores_that_add_up(published):
    ((user,),) = published[0].rows("SELECT MIN(user_id) FROM app_userrecommendation")
    lists = []
    for target in published:
        with site(target) as address:
            first, second, third = (one["movie_id"] for one in whole_list(address, "")[:3])
            asked = [f"like={first},{second}", f"rated={first}:5,{third}:2.5", f"user={user}"]
            lists.append([whole_list(address, query) for query in asked])
    assert lists[0] == lists[1]
    for found in lists[0]:
        assert {movie["source"] for movie in found} == {"personal", "ranking"}
        for movie in found:
            contributions = [reason["contribution"] for reason in movie["reasons"]]
            assert math.fsum([*contributions, movie["rest"]]) == pytest.approx(movie["score"])
            assert movie["reasons"] or movie["source"] == "ranking"


def test_what_a_run_says_of_movies_can_be_recomputed(published):
    """The lift and the trend, by the formulas in docs/api.md."""
    with site(published[0]) as address:
        rising = get_json(f"{address}/api/trending/?limit=3")
        movie_id = rising["results"][0]["movie_id"]
        similar = get_json(f"{address}/api/movies/{movie_id}/similar/")
        details = [
            get_json(f"{address}/api/movies/{one['movie_id']}/") for one in rising["results"]
        ]
    for movie in similar["results"]:
        expected = similar["rating_count"] * movie["rating_count"]
        lift = (movie["users"] - expected / similar["N"]) / (
            math.sqrt(expected) + similar["shrinkage"]
        )
        assert movie["lift"] == pytest.approx(lift, abs=1e-6)
    newest = np.datetime64(rising["newest_month"], "M")
    half_life = rising["half_life_months"] or math.inf
    for movie, detail in zip(rising["results"], details, strict=True):
        ages = {month: int(newest - np.datetime64(month, "M")) for month in detail["months"]}
        counts = detail["months"]
        parts = [counts[month] * 0.5 ** (age / half_life) for month, age in ages.items()]
        assert movie["trend"] == pytest.approx(math.fsum(parts))


def test_the_default_list_is_the_classic_ranking(movielens, published):
    with site(published[0]) as address:
        results = whole_list(address, "")
        stats = get_json(f"{address}/stats/")
    assert [item["rank"] for item in results] == list(range(1, 451))
    assert [item["movie_id"] for item in results[:5]] == [318, 2959, 858, 260, 296]
    assert results[0]["title"] == "Shawshank Redemption, The"
    assert (stats["movies"], stats["ratings"], stats["movies_rated"]) == (9_742, 100_836, 9_724)
    assert stats["prior_mean"] == 3.501556983616962
    assert sum(stats["half_star_counts"].values()) == 100_836


def test_the_quirks_of_the_real_titles_arrive(movielens, published):
    for target in published:
        titles = dict(target.rows("SELECT movie_id, title FROM app_movie"))
        years = dict(target.rows("SELECT movie_id, year FROM app_movie"))
        assert (titles[171749], years[171749]) == ("Death Note: Desu nôto", 2006)
        assert (titles[40697], years[40697]) == ("Babylon 5", None)
        assert (titles[96608], years[96608]) == ("Runaway Brain", 1995)
        assert titles[117444] == "Song of the Sea"
        assert sum(year is None for year in years.values()) == 12
        ((without_genre,),) = target.rows(
            "SELECT COUNT(*) FROM app_movie WHERE movie_id NOT IN"
            " (SELECT movie_id FROM app_moviegenre)"
        )
        assert without_genre == 34


def test_the_pages_open(published):
    for target in published:
        with site(target) as address:
            for path in ("/", "/movies/", "/movies/?genre=War&offset=50", "/admin/login/"):
                status, page = get(address + path, **BROWSER)
                assert (status, b"</html>" in page) == (200, True), path


def test_the_site_serves_the_former_run_after_a_failed_job(published, tmp_path):
    target = published[0]
    with site(target) as address:
        before = get(f"{address}/recommendations/")
        assert submit(target, tmp_path / "nowhere").returncode == 1
        assert get(f"{address}/recommendations/") == before


def test_a_database_that_dies_is_a_503_and_comes_back_without_a_restart():
    with mariadb() as server:
        target = MariaDBTargets(server).make()
        with site(target) as address:
            assert get(f"{address}/health/")[0] == HTTPStatus.SERVICE_UNAVAILABLE  # no run yet
            server.process.kill()
            server.process.wait()
            for path in ("/health/", "/stats/", "/recommendations/", "/"):
                status, body = get(address + path)
                assert status == HTTPStatus.SERVICE_UNAVAILABLE
                assert json.loads(body)["reason"] == "database_unreachable"
            assert get(f"{address}/movies/", **BROWSER)[0] == HTTPStatus.SERVICE_UNAVAILABLE
            _, server.process = start(server.folder, server.port)
            assert get_json(f"{address}/health/")["reason"] == "no_run"
