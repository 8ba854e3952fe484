"""Publishing, on both engines: whole or not at all, and nothing left lying about."""

import json
import struct

import pytest

from spark_jobs.contract import STAGING_TABLES
from spark_jobs.store import purge
from tests.job.conftest import movie, rating
from tests.job.store.published import CATALOGUE, GENRES, RESULT
from tests.support.targets import statuses


def test_a_run_becomes_current_with_all_its_rows(run_job, write_input, target):
    outcome = run_job(write_input(), target)
    assert (outcome.status, outcome.summary["run"]) == (0, 1)
    assert statuses(target) == ["current"]
    assert target.rows(f"{RESULT} WHERE run_id = 1") == [(1, 2, (8 + 50 * 4) / 52, 1)]
    assert target.rows(CATALOGUE) == [(1, "Alien", 1979)]
    assert target.rows(GENRES) == [(1, "Horror")]


def test_the_run_explains_itself(run_job, write_input, target):
    run_job(write_input(ratings=[rating(), rating(stars=9)]), target, "--prior-weight", "7.5")
    ((movies, ratings, accepted, prior_mean, prior_weight, rejected),) = target.rows(
        "SELECT movies_accepted, ratings_read, ratings_accepted, prior_mean, prior_weight,"
        " rejected_by_reason FROM app_run"
    )
    assert (movies, ratings, accepted, prior_mean, prior_weight) == (1, 2, 1, 4.0, 7.5)
    assert rejected == '{"movies": {}, "ratings": {"rating_out_of_range": 1}}'
    assert target.rows("SELECT run_id, file, reason, raw FROM app_rejectedrow") == [
        (1, "ratings.csv", "rating_out_of_range", "1,1,9,1000000")
    ]


def test_rows_say_how_sure_a_score_is_and_what_is_rising(run_job, write_input, target):
    may, june = 1_525_200_000, 1_528_000_000
    ratings = [
        rating(1, 1, 4, may), rating(2, 1, 5, may), rating(1, 2, 1, may), rating(2, 2, 2, june)
    ]  # fmt: skip
    folder = write_input([movie(1), movie(2, "Brazil (1985)")], ratings)
    outcome = run_job(folder, target, "--prior-weight", "auto")
    # Variance within movies 0.5, between them 4.25.
    assert "the data gives a prior weight m of 0.118 ratings" in outcome.out
    ((weight, parameters),) = target.rows("SELECT prior_weight, parameters FROM app_run")
    assert weight == outcome.summary["prior_weight"] == pytest.approx(0.5 / 4.25)
    told = json.loads(parameters)
    assert (told["prior_weight"], told["prior_weight_estimated"]) == ("auto", True)
    assert told["trending"] == {"half_life_months": None, "newest_month": "2018-06"}
    first, second = target.rows(
        "SELECT lower_bound, weighted_rating, upper_bound, trend, months"
        " FROM app_recommendationdata ORDER BY movie_id"
    )
    assert first[0] < first[1] < first[2] == 5
    month = (2018 - 1970) * 12 + 4
    assert first[3:] == (2, struct.pack("<HI", month, 2))
    assert second[3:] == (2, struct.pack("<2H2I", month, month + 1, 1, 1))


def test_links_and_tags_come_along_and_go_with_their_files(run_job, write_input, target, tmp_path):
    folder = write_input([movie(1), movie(2, "Brazil (1985)")])
    (folder / "links.csv").write_text("movieId,imdbId,tmdbId\n1,78748,348\nx,1,1\n")
    (folder / "tags.csv").write_text("userId,movieId,tag,timestamp\n1,1,Épouvante,5\n1,1,,5\n")
    outcome = run_job(folder, target, "--rejects", str(tmp_path / "rejects"))
    assert outcome.summary["tags"] == {
        "accepted": 1, "rejected": {"missing_tag": 1}, "superseded": 0
    }  # fmt: skip
    elsewhere = "SELECT movie_id, imdb_id, tmdb_id, tags FROM app_movie ORDER BY movie_id"
    (first, second) = target.rows(elsewhere)
    assert (first[:3], json.loads(first[3])) == ((1, "0078748", "348"), ["épouvante"])
    assert second == (2, "", "", None)
    ((rejected,),) = target.rows("SELECT rejected_by_reason FROM app_run")
    assert json.loads(rejected) == {
        "movies": {}, "ratings": {}, "links": {"bad_id": 1}, "tags": {"missing_tag": 1}
    }  # fmt: skip
    assert target.rows("SELECT file, reason, raw FROM app_rejectedrow ORDER BY file") == [
        ("links.csv", "bad_id", "x,1,1"), ("tags.csv", "missing_tag", "1,1,,5"),
    ]  # fmt: skip
    assert (tmp_path / "rejects" / "tags.csv").read_text().splitlines()[1:] == [
        'tags.csv,missing_tag,"1,1,,5"'
    ]
    for name in ("links.csv", "tags.csv"):
        (folder / name).unlink()
    run_job(folder, target)
    assert target.rows(elsewhere) == [(1, "", "", None), (2, "", "", None)]


def test_times_are_stored_in_utc(run_job, write_input, target):
    run_job(write_input(ratings=[rating(at=1_500_000_000)]), target)
    ((moment,),) = target.rows("SELECT last_rated_at FROM app_recommendationdata")
    assert str(moment) == "2017-07-14 02:40:00"


def test_titles_in_every_script_survive(run_job, write_input, target):
    titles = [
        "Amélie (2001)",
        "霸王别姬 (1993)",
        "Смерть 🎬 (1999)",
        "'; DROP TABLE app_movie (2001)",
    ]
    movies = [movie(place, title) for place, title in enumerate(titles, start=1)]
    assert run_job(write_input(movies), target).status == 0
    stored = [title for _, title, _ in target.rows(CATALOGUE)]
    assert stored == [title.rsplit(" (", 1)[0] for title in titles]


def test_rated_rows_keep_the_year_of_their_run(run_job, write_input, target):
    ratings = [rating(movie=1), rating(movie=2)]
    run_job(write_input([movie(1, "Alien (1978)"), movie(2, "Babylon 5")], ratings), target)
    run_job(write_input([movie(1, "Alien (1979)"), movie(2, "Babylon 5")], ratings), target)
    years = target.rows("SELECT run_id, movie_id, year FROM app_recommendationdata")
    assert sorted(years) == [(1, 1, 1978), (1, 2, None), (2, 1, 1979), (2, 2, None)]


def test_genres_that_differ_in_case_alone_are_two(run_job, write_input, target):
    assert run_job(write_input([movie(genres="imax|IMAX")]), target).status == 0
    assert target.rows(GENRES) == [(1, "IMAX"), (1, "imax")]


def test_a_second_run_takes_over_with_identical_content(run_job, write_input, target):
    folder = write_input()
    run_job(folder, target)
    run_job(folder, target)
    assert statuses(target) == ["superseded", "current"]
    first, second = (target.rows(f"{RESULT} WHERE run_id = {run}") for run in (1, 2))
    assert first == second != []


def test_with_one_run_to_keep_the_former_is_purged(run_job, write_input, target):
    folder = write_input(ratings=[rating(), rating(stars=9)])
    run_job(folder, target)
    run_job(folder, target, "--keep-runs", "1")
    for table in ("app_recommendationdata", "app_rejectedrow"):
        assert target.rows(f"SELECT DISTINCT run_id FROM {table}") == [(2,)]
    assert target.rows("SELECT id FROM app_run WHERE purged_at IS NOT NULL") == [(1,)]
    assert statuses(target) == ["superseded", "current"]


def test_staging_is_empty_afterwards(run_job, write_input, target):
    run_job(write_input(), target)
    for table in STAGING_TABLES:
        assert target.rows(f"SELECT COUNT(*) FROM {table}") == [(0,)]


def test_a_purge_in_small_chunks_takes_exactly_its_rows(run_job, write_input, target, monkeypatch):
    movies = [movie(n, f"Movie {n} (2000)", "War|Drama") for n in range(1, 12)]
    folder = write_input(movies, [rating(movie=n) for n in range(1, 12)])
    monkeypatch.setattr(purge, "PURGE_ROWS", 3)
    run_job(folder, target)
    run_job(folder, target, "--keep-runs", "1")
    assert target.rows("SELECT run_id, COUNT(*) FROM app_recommendationdata GROUP BY run_id") == [
        (2, 11)
    ]


def test_the_catalogue_follows_the_input(run_job, write_input, target):
    run_job(write_input([movie(1, "Allien (1978)", "Horror|War"), movie(2, "Old (1950)")]), target)
    folder = write_input([movie(1, "Alien (1979)", "Horror|Sci-Fi")])
    run_job(folder, target, "--allow", "movies_dropped")
    # Movie 2 left the input; runs that are kept may still name it.
    assert target.rows(CATALOGUE) == [(1, "Alien", 1979), (2, "Old", 1950)]
    assert target.rows(GENRES) == [(1, "Horror"), (1, "Sci-Fi"), (2, "Horror")]


def test_curation_outlives_every_run(run_job, write_input, target):
    run_job(write_input(), target)
    target.execute(
        "INSERT INTO app_curation (movie_id, hidden, note, decided_at)"
        " VALUES (1, 1, 'why', '2026-01-01 00:00:00')"
    )
    run_job(write_input(), target, "--keep-runs", "1")
    assert target.rows("SELECT movie_id, hidden, note FROM app_curation") == [(1, 1, "why")]
