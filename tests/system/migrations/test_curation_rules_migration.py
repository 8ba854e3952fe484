"""Migration 0013: rules that the tables hold from then on, met by rows that were there before."""

import json
import subprocess
from datetime import datetime

import pytest

from tests.support.targets import Target, manage
from tests.system.migrations.rows import insert

PAST, FUTURE = "2026-01-02 03:04:05", "2099-01-02 03:04:05"
DECISION = {
    "hidden": 0,
    "pinned_position": None,
    "note": "",
    "until": None,
    "decided_by_id": None,
    "decided_at": "2025-12-31 23:59:59",
}


@pytest.fixture
def before_rules(target) -> Target:
    """A database as it was before, with movies and no decisions."""
    manage(target, "migrate", "app", "0012")
    for number in range(1, 6):
        insert(target, "app_movie", {"movie_id": number, "title": f"Movie {number}"})
    return target


def decide(target, movie_id, **values):
    insert(target, "app_curation", {"movie_id": movie_id} | DECISION | values)


def decisions(target):
    columns = "movie_id, hidden, pinned_position, note"
    return target.rows(f"SELECT {columns} FROM app_curation ORDER BY movie_id")


def refusal(target) -> str:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        manage(target, "migrate", "app")
    return refused.value.stderr.decode().strip().splitlines()[-1]


def test_what_has_run_out_goes_into_the_history_and_frees_its_position(before_rules):
    decide(before_rules, 1, hidden=1, note="字 🎬")
    decide(before_rules, 2, pinned_position=3, until=PAST, note="was first")
    decide(before_rules, 3, pinned_position=3, until=FUTURE)
    manage(before_rules, "migrate", "app")
    assert decisions(before_rules) == [(1, 1, None, "字 🎬"), (3, 0, 3, "")]
    ((movie_id, way, changed_at, before, after),) = before_rules.rows(
        "SELECT movie_id, way, changed_at, `before`, `after` FROM app_curationchange"
    )
    assert (movie_id, way, after) == (2, "expiry", None)
    assert datetime.fromisoformat(str(changed_at)) == datetime.fromisoformat(PAST)
    assert json.loads(before) == {
        "hidden": False,
        "pinned_position": 3,
        "note": "was first",
        "until": "2026-01-02T03:04:05+00:00",
        "decided_by": None,
        "decided_at": "2025-12-31T23:59:59+00:00",
    }


@pytest.mark.parametrize(
    ("rows", "said", "mend"),
    [
        (
            {1: {"hidden": 1, "pinned_position": 7}},
            "movie 1 is both hidden and pinned",
            "UPDATE app_curation SET hidden = 0",
        ),
        (
            {1: {"pinned_position": 7}, 4: {"pinned_position": 7}},
            "movies 1 and 4 are both pinned at 7",
            "DELETE FROM app_curation WHERE movie_id = 4",
        ),
        (
            {1: {"pinned_position": 0}},
            "movie 1 is pinned at 0",
            "UPDATE app_curation SET pinned_position = 7",
        ),
    ],
    ids=["hidden and pinned", "two at a position", "before the first"],
)
def test_rows_that_break_a_rule_are_named_and_kept_until_somebody_mends_them(
    before_rules, rows, said, mend
):
    for movie_id, values in rows.items():
        decide(before_rules, movie_id, **values)
    kept = decisions(before_rules)
    assert said in refusal(before_rules)
    assert decisions(before_rules) == kept
    before_rules.execute(mend)
    manage(before_rules, "migrate", "app")
    assert decisions(before_rules) == [(1, 0, 7, "")]


def test_there_and_back_and_there_again_decisions_are_the_same(before_rules):
    decide(before_rules, 1, hidden=1)
    decide(before_rules, 2, pinned_position=1, until=FUTURE, note="why")
    kept = decisions(before_rules)
    for to in ((), ("0012",), ()):
        manage(before_rules, "migrate", "app", *to)
        assert decisions(before_rules) == kept
    with pytest.raises(Exception, match="curation_hidden_or_pinned"):
        decide(before_rules, 3, hidden=1, pinned_position=2)
    assert before_rules.rows("SELECT movie_id FROM app_curation WHERE noted = 1") == [(2,)]
