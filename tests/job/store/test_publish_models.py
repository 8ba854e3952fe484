"""Similar movies, visitors' weights and personal lists in the database."""

import json
import struct

import pytest

from spark_jobs.contract import SIMILAR_MOVIES, USER_RECOMMENDATIONS, VISITOR_WEIGHTS
from tests.job.conftest import movie, rating

TABLES = ("app_similarmovie", "app_visitorweights", "app_userrecommendation")


@pytest.fixture
def folder(write_input):
    """Twelve users rate six movies in two groups, each all but one or two of its group."""
    ratings = [
        rating(user, n, 5.0 if n % 2 == user % 2 else 1.5, 1_000_000 + user)
        for user in range(1, 13)
        for n in range(1, 7)
        if (user + n) % 5
    ]
    return write_input([movie(n, f"Movie {n} (2000)", "War") for n in range(1, 7)], ratings)


def unpacked(packed, layout):
    """The columns of a row; those of several numbers an entry as one long one."""
    size = sum(struct.calcsize(f"<{code}") * width for _, code, width in layout)
    entries = len(packed) // size
    numbers = struct.unpack(
        "<" + "".join(f"{entries * width}{code}" for _, code, width in layout), packed
    )
    columns, start = {}, 0
    for name, _, width in layout:
        columns[name] = numbers[start : start + entries * width]
        start += entries * width
    return columns


def keyed(target, table, key):
    rows = target.rows(f"SELECT {key}, packed FROM {table} WHERE run_id = 1 ORDER BY {key}")
    return {int(number): bytes(packed) for number, packed in rows}


def test_a_run_has_similar_movies_visitors_weights_and_lists(run_job, folder, target):
    outcome = run_job(folder, target, "--summary-json", str(folder / "summary.json"))
    assert outcome.status == 0, outcome.err
    similar = unpacked(keyed(target, "app_similarmovie", "movie_id")[1], SIMILAR_MOVIES)
    assert 1 not in similar["movie_id"]
    assert list(similar["lift"]) == sorted(similar["lift"], reverse=True)
    weights = unpacked(keyed(target, "app_visitorweights", "movie_id")[1], VISITOR_WEIGHTS)
    assert max(map(abs, weights["step"])) == 127
    lists = keyed(target, "app_userrecommendation", "user_id")
    assert lists
    for user, packed in lists.items():
        found = unpacked(packed, USER_RECOMMENDATIONS)
        assert all((user + n) % 5 == 0 for n in found["movie_id"])  # unseen
        assert all((user + n) % 5 for n in found["reason"] if n)  # seen
    ((told,),) = target.rows("SELECT fitted_models FROM app_run")
    facts = json.loads(told)
    assert facts["packing"] == 1
    assert facts["users"] == len(lists)
    assert (facts["items"]["movies"], facts["items"]["users"]) == (6, 12)
    assert facts == json.loads((folder / "summary.json").read_text())["fitted_models"]


def test_the_rows_go_when_their_run_goes(run_job, folder, target):
    for _ in range(2):
        assert run_job(folder, target, "--keep-runs", "1").status == 0
    for table in TABLES:
        assert target.rows(f"SELECT DISTINCT run_id FROM {table}") == [(2,)], table


@pytest.mark.parametrize(
    ("arguments", "has_rows", "told"),
    [
        (["--no-models"], [False] * 3, "models          none"),
        (["--users", "none"], [True, True, False], "of 6 movies, lists for 0 users"),
        (["--users", "2"], [True] * 3, "of 6 movies, lists for 2 users"),
        (["--min-support", "99"], [False] * 3, "no models: no movie has 99 ratings"),
    ],
)
def test_what_was_not_asked_for_is_not_there(
    run_job, folder, sqlite_target, arguments, has_rows, told
):
    outcome = run_job(folder, sqlite_target, *arguments)
    assert outcome.status == 0, outcome.err
    assert told in outcome.out
    counts = [sqlite_target.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in TABLES]
    assert [count > 0 for count in counts] == has_rows


def test_models_that_do_not_fit_are_refused_before_anything_is_written(
    run_job, folder, sqlite_target, monkeypatch
):
    monkeypatch.setattr("spark_jobs.model_steps.machine_memory", lambda: 10**8)
    outcome = run_job(folder, sqlite_target)
    assert outcome.status == 1
    (line,) = outcome.err.splitlines()
    assert line.startswith("error: the models of 6 movies need 0.50 GB, 2 tasks at once")
    assert sqlite_target.rows("SELECT COUNT(*) FROM app_run") == [(0,)]
