"""The gates: what closes each, and that one can be overruled but not forgotten."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from spark_jobs.errors import JobError
from spark_jobs.evaluation.quality import quality
from spark_jobs.gate.checks import check_against_previous, closed_gates
from spark_jobs.gate.thresholds import GATES
from spark_jobs.input.files.find import SYNTHETIC_MARKER
from spark_jobs.input.files.input_files import Input, InputFile
from spark_jobs.input.formats.file_format import CSV
from spark_jobs.input.rejection import RowCounts
from spark_jobs.model.aggregation.counts import Totals
from spark_jobs.options import parse_options
from spark_jobs.run_report import RunReport
from spark_jobs.store.previous_run import PreviousRun
from tests.job.conftest import movie, rating


def measured(ndcg, *, protocol=1, split="random"):
    """An evaluation as JSON, of one system, with an interval of a hundredth to both sides."""
    estimate = {"mean": ndcg, "lower": ndcg - 0.01, "upper": ndcg + 0.01}
    system = {"name": "personal", "users": 600, "metrics": {"ndcg": estimate}}
    return {"protocol": protocol, "is_sample": False, "splits": {split: {"systems": [system]}}}


def report(
    *, movies=100, ratings=1_000, half_stars=8, top=range(100), synthetic=False, evaluation=None
):
    """A run just like the previous one, but for what is said."""
    counts = tuple(ratings if k == half_stars else 0 for k in range(1, 11))
    file = InputFile("f", "f", 1, "1", CSV)
    return RunReport(
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        source=Input("input", (file,), (file,), synthetic),
        parameters={},
        versions={},
        movies=RowCounts(movies, {}),
        ratings=RowCounts(ratings, {}),
        totals=Totals(counts, movies),
        movies_ranked=100,
        prior_weight=50.0,
        min_ratings=50,
        top=[{"movie_id": movie_id} for movie_id in top],
        evaluation=measured(0.5) if evaluation is None else evaluation,
    )


PREVIOUS = PreviousRun(
    run=7,
    synthetic=False,
    movies=100,
    ratings=1_000,
    prior_mean=4.0,
    top=frozenset(range(100)),
    quality=quality(measured(0.5)),
)
CLOSED = {
    "movies_dropped": ({"movies": 79}, "79 accepted movies after 100"),
    "ratings_dropped": ({"ratings": 799}, "799 accepted ratings after 1,000"),
    "prior_mean_moved": ({"half_stars": 9}, "a prior mean of 4.500 stars after 4.000"),
    "top_replaced": ({"top": range(41, 141)}, "59 of the previous top 100 are left"),
    "quality_dropped": ({"evaluation": measured(0.44)}, "an nDCG@10 of 0.4400 after 0.5000"),
    "synthetic_over_real": ({"synthetic": True}, "the input is generated"),
}
OPEN = [
    {},
    {"movies": 80},
    {"movies": 5_000},
    {"ratings": 800},
    {"ratings": 10**9},
    {"top": range(40, 140)},
    {"evaluation": measured(0.45)},
    {"evaluation": measured(0.9)},
    {"evaluation": {}},
    {"evaluation": measured(0.1, protocol=2)},
    {"evaluation": measured(0.1, split="temporal")},
]


@pytest.mark.parametrize("overrides", OPEN)
def test_a_run_like_the_former_passes(overrides):
    assert closed_gates(report(**overrides), PREVIOUS) == {}


@pytest.mark.parametrize("name", GATES)
def test_each_gate_closes_and_names_itself_its_figures_and_the_remedy(name):
    overrides, detail = CLOSED[name]
    with pytest.raises(JobError) as refused:
        check_against_previous(report(**overrides), PREVIOUS, allowed=[])
    assert f"gate {name}: {detail}" in str(refused.value)
    assert f"--allow {name}" in str(refused.value)
    assert "run 7 stays current" in str(refused.value)


@pytest.mark.parametrize("name", GATES)
def test_each_gate_can_be_overruled_by_its_own_name_alone(name):
    overrides, detail = CLOSED[name]
    (overruled,) = check_against_previous(report(**overrides), PREVIOUS, allowed=[name]).items()
    assert overruled[0] == name
    assert overruled[1].startswith(detail)
    with pytest.raises(JobError):
        check_against_previous(report(**overrides), PREVIOUS, allowed=set(GATES) - {name})


def test_a_small_move_of_the_mean_passes():
    assert closed_gates(report(), replace(PREVIOUS, prior_mean=4.25)) == {}
    assert "prior_mean_moved" in closed_gates(report(), replace(PREVIOUS, prior_mean=4.2501))


def test_a_loss_within_the_interval_of_the_previous_run_passes():
    wide = replace(PREVIOUS.quality, lower=0.3)
    assert closed_gates(report(evaluation=measured(0.4)), replace(PREVIOUS, quality=wide)) == {}


def test_quality_on_another_kind_of_data_is_not_compared():
    worse = report(evaluation=measured(0.1))
    assert set(closed_gates(worse, PREVIOUS)) == {"quality_dropped"}
    assert closed_gates(worse, replace(PREVIOUS, scale="1-10")) == {}
    assert closed_gates(worse, replace(PREVIOUS, synthetic=True)) == {}


def test_a_run_that_was_never_measured_is_no_bar():
    assert closed_gates(report(), replace(PREVIOUS, quality=None)) == {}


def test_all_closed_gates_are_named_at_once():
    with pytest.raises(JobError, match="--allow movies_dropped --allow ratings_dropped"):
        check_against_previous(report(movies=1, ratings=1), PREVIOUS, allowed=[])


def test_a_closed_gate_leaves_the_former_run_and_an_overruled_one_is_recorded(
    run_job, write_input, target
):
    movies = [movie(n, f"Movie {n} (2000)") for n in (1, 2, 3)]
    run_job(write_input(movies, [rating(movie=n) for n in (1, 2, 3)]), target)
    half = write_input(movies, [rating(movie=1), rating(movie=2)])
    outcome = run_job(half, target)
    assert outcome.status == 1
    assert "gate ratings_dropped: 2 accepted ratings after 3" in outcome.err
    assert target.rows("SELECT id, status FROM app_run") == [(1, "current")]

    outcome = run_job(half, target, "--allow", "ratings_dropped")
    assert outcome.status == 0
    expected = {"ratings_dropped": "2 accepted ratings after 3"}
    assert outcome.summary["overruled_gates"] == expected
    ((recorded,),) = target.rows("SELECT overruled_gates FROM app_run WHERE status = 'current'")
    assert json.loads(recorded) == expected


def test_generated_data_do_not_replace_real_ones_by_accident(run_job, write_input, target):
    folder = write_input()
    run_job(folder, target)
    (folder / SYNTHETIC_MARKER).write_text("generated")
    assert "gate synthetic_over_real" in run_job(folder, target).err
    assert run_job(folder, target, "--allow", "synthetic_over_real").status == 0
    assert target.rows("SELECT id, synthetic FROM app_run ORDER BY id") == [(1, 0), (2, 1)]


def test_a_dry_run_meets_the_gates_too(run_job, write_input, sqlite_target):
    run_job(write_input(ratings=[rating(n) for n in range(1, 9)]), sqlite_target)
    assert "gate ratings_dropped" in run_job(write_input(), sqlite_target, "--dry-run").err


@pytest.mark.parametrize(
    ("limit", "allowed", "refused"),
    [("1%", 10, 11), ("0%", 0, 1), ("0.05%", 0, 1), ("100%", 1000, None), ("7", 7, 8)],
)
def test_a_limit_is_a_share_or_a_number_of_rows(limit, allowed, refused):
    options = parse_options(["--input", "x", "--dry-run", "--max-rejected", limit])
    assert not options.max_rejected.is_exceeded(allowed, read=1_000)
    assert refused is None or options.max_rejected.is_exceeded(refused, read=1_000)


def test_too_many_rejected_rows_stop_the_publish_and_are_shown(
    run_job, write_input, sqlite_target, tmp_path
):
    bad = [rating(n, stars=9) for n in range(1, 4)] + [rating("x"), rating(movie=7)]
    ratings = [rating(n) for n in range(1, 96)]
    folder = write_input([movie(), "2,,Horror"], [*ratings, *bad])
    outcome = run_job(
        folder, sqlite_target, "--max-rejected", "4", "--rejects", f"{tmp_path}/rejects"
    )
    assert outcome.status == 1
    (line,) = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    assert "5 of 100 ratings were rejected" in line
    assert "3 rating_out_of_range, such as '1,1,9,1000000' in ratings.csv" in line
    assert "allow more than 4 rows with --max-rejected" in line
    assert sqlite_target.rows("SELECT * FROM app_run") == []
    # All of them lie where they were asked for, though nothing was published.
    written = "".join(file.read_text() for file in (tmp_path / "rejects").glob("*.csv"))
    assert written.count("rating_out_of_range") == 3
    assert 'ratings.csv,bad_id,"x,1,4.0,1000000"' in written
    assert 'movies.csv,missing_title,"2,,Horror"' in written
    assert run_job(folder, sqlite_target, "--max-rejected", "5").status == 0


def test_rejects_overwrite_nothing(run_job, write_input, sqlite_target, tmp_path):
    folder = write_input(ratings=[rating(), rating("x")])
    outcome = run_job(folder, sqlite_target, "--rejects", str(tmp_path))
    assert outcome.status == 1
    assert f"--rejects {tmp_path} already exists" in outcome.err
    assert len(outcome.err.splitlines()) < 3
