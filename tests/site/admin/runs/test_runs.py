"""Runs in the admin: looked at, compared, made current and back, their rejected rows, a start."""

import csv
import io
import re
import sys
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from app.admin.runs import rejected_rows
from app.admin.runs.comparison import difference
from app.admin.runs.figures import GATES
from app.models import RecommendationData, RejectedRow, Run
from app.runs import starting
from spark_jobs.gate import thresholds
from spark_jobs.input.rejection import REASONS
from tests.site.admin.pages import messages_of, text_of
from tests.site.factories import curate, evaluation, make_movie, make_run, rate
from tests.site.publishing import lock_of_another

pytestmark = pytest.mark.django_db


@pytest.fixture
def former():
    """A kept run: ranks 1, 2, 3 of movies 1, 2, 3."""
    run = make_run("superseded", evaluation=evaluation(0.2))
    for movie_id in (1, 2, 3):
        rate(run, make_movie(movie_id), 5 - movie_id / 100, rank=movie_id)
    return run


@pytest.fixture
def current(former):
    """The current one: movie 2 is the first, 4 the second, 1 the third; 3 has too few ratings."""
    run = make_run(evaluation=evaluation(0.5))
    for rank, movie in enumerate([2, 4, 1], start=1):
        row = make_movie(4) if movie == 4 else former_movie(former, movie)
        rate(run, row, 5 - rank / 100, rank=rank)
    rate(run, former_movie(former, 3), rating_count=9)
    return run


def former_movie(run, movie_id):
    return RecommendationData.objects.get(run=run, movie_id=movie_id).movie


def page_of(run, what="change"):
    return f"/admin/app/run/{run.pk}/{what}/"


def statuses():
    return dict(Run.objects.order_by("id").values_list("id", "status"))


# Looking


def test_the_list_of_runs_says_how_good_each_is_and_what_can_be_served(admin_client, current):
    gone = make_run("superseded", purged_at=timezone.now())
    text = text_of(admin_client.get("/admin/app/run/"))
    assert "0.500" in text and "0.200" in text
    assert str(gone.pk) in text


def test_the_page_of_a_run_tells_figures_gates_evaluation_and_what_was_rejected(admin_client):
    run = make_run(
        evaluation=evaluation(0.5),
        overruled_gates={"top_replaced": "58 of 100 are left"},
        ratings_accepted=1_234_567,
        ratings_read=1_234_569,
    )
    text = text_of(admin_client.get(page_of(run)))
    assert "1,234,567" in text
    assert "no, and overruled" in text and "58 of 100 are left" in text
    assert "personal lists 600 0.500" in text
    assert "bad_id the id of a user or movie is no whole number" in text


def test_the_gates_and_reasons_are_those_of_the_job():
    assert GATES.keys() == thresholds.GATES.keys()
    assert rejected_rows.REASONS.keys() == REASONS.keys()


def test_a_failed_run_says_why(admin_client):
    run = make_run("failed", error="disk full", finished_at=None)
    text = text_of(admin_client.get(page_of(run)))
    assert "disk full" in text and "never published" in text


# Rejected rows


@pytest.fixture
def rejecting(monkeypatch):
    monkeypatch.setattr(rejected_rows, "PAGE", 2)
    run = make_run(rejected_by_reason={"ratings": {"bad_id": 900, "malformed": 1}})
    for n in range(3):
        RejectedRow.objects.create(run=run, file="ratings.csv", reason="bad_id", raw=f"x{n},1,4")
    RejectedRow.objects.create(run=run, file="ratings.csv", reason="malformed", raw="=1+1,2")
    RejectedRow.objects.create(run=make_run("failed"), file="x", reason="bad_id", raw="others")
    return run


def test_rejected_rows_are_read_by_reason_and_page_by_page(admin_client, rejecting):
    address = page_of(rejecting, "rejected")
    first = admin_client.get(f"{address}?reason=bad_id")
    text = text_of(first)
    assert "x0,1,4" in text and "x1,1,4" in text and "x2,1,4" not in text
    assert "900" in text, "the run's own count, beside the sample"
    following = re.search(r'href="(\?reason=bad_id&amp;after=\d+)"', first.content.decode())[1]
    text = text_of(admin_client.get(address + following.replace("&amp;", "&")))
    assert "x2,1,4" in text and "x1,1,4" not in text
    assert "Next rows" not in text
    assert "others" not in text_of(admin_client.get(address))
    for junk in ("?after=x", "?after=99999999999999999999", "?reason=nothing", "?reason=%00"):
        assert "x0,1,4" in text_of(admin_client.get(address + junk)) or "reason" in junk


def test_rejected_rows_are_a_file_in_which_no_formula_is_left(admin_client, rejecting):
    answer = admin_client.get(f"/admin/app/run/{rejecting.pk}/rejected.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f"run-{rejecting.pk}-rejected.csv" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert rows[0] == ["file", "reason", "row"]
    assert rows[1] == ["ratings.csv", "bad_id", "x0,1,4"]
    assert rows[-1] == ["ratings.csv", "malformed", "'=1+1,2"]
    of_one = admin_client.get(f"/admin/app/run/{rejecting.pk}/rejected.csv?reason=malformed")
    assert of_one.getvalue().decode().count("\n") == 2


def test_a_page_of_rejected_rows_counts_nothing(admin_client, rejecting):
    with CaptureQueriesContext(connection) as queries:
        admin_client.get(page_of(rejecting, "rejected"))
    statements = [one["sql"] for one in queries]
    assert len(statements) <= 8
    assert not [one for one in statements if "COUNT(" in one]


# Comparing


def shown(found):
    return {
        kind.name: [(row.movie_id, row.before, row.after) for row in kind.rows]
        for kind in found.kinds
    }


def test_two_runs_are_compared_as_ranked_and_as_readers_see_them(former, current):
    as_ranked = difference(former, current, curated=False)
    assert shown(as_ranked) == {
        "entered": [(4, None, 2)],
        "left": [(3, 3, None)],
        "moved": [(1, 1, 3), (2, 2, 1)],
    }
    curate(former_movie(former, 2), hidden=True)
    curate(former_movie(former, 3), pinned_position=1)
    curate(former_movie(former, 1), hidden=True, until=timezone.now() - timedelta(days=1))
    as_seen = difference(former, current, curated=True)
    assert shown(as_seen) == {
        "entered": [(4, None, 2)],
        "left": [],
        "moved": [(1, 2, 3)],
    }
    assert (as_seen.size_before, as_seen.size_after) == (2, 3)


def test_places_with_curation_are_those_of_the_list_that_readers_get(client, former, current):
    curate(former_movie(former, 2), hidden=True)
    curate(former_movie(former, 3), pinned_position=2)
    curate(former_movie(former, 1), pinned_position=9)
    results = client.get("/recommendations/").json()["results"]
    found = difference(None, current, curated=True)
    (entered, *_) = found.kinds
    assert [row.movie_id for row in entered.rows] == [one["movie_id"] for one in results]


def test_the_page_compares_with_the_current_run_or_another_one(admin_client, former, current):
    with CaptureQueriesContext(connection) as queries:
        text = text_of(admin_client.get(page_of(former, "compare")))
    assert len(queries) <= 12
    assert f"3 movies in run {current.pk} and 3 in run {former.pk}" in text
    assert "Entered the ranking: 1 " in text and "Movie 3 (2000)" in text
    assert "0.500 0.200 −0.300 ▼" in text
    assert text == text_of(admin_client.get(page_of(former, "compare") + "?with=x"))
    alone = make_run("failed")
    assert "no other run" in text_of(admin_client.get(page_of(alone, "compare")))


# Making current


def agree(client, run):
    """Open the page that asks, and press its button."""
    page = client.get(page_of(run, "activate"))
    assert page.status_code == 200, page
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.content.decode()))
    return client.post(page_of(run, "activate"), form, follow=True)


def test_a_former_run_is_made_current_and_back_by_the_same_page(
    admin_client, admin_user, client, former, current
):
    asked = text_of(admin_client.get(page_of(former, "activate")))
    assert f"Readers see run {current.pk} now, with 3 movies" in asked
    assert "Entered the ranking: 1 " in asked and "Left the ranking: 1 " in asked
    assert statuses() == {former.pk: "superseded", current.pk: "current"}, "it asks first"
    (said,) = messages_of(agree(admin_client, former))
    assert f"Run {former.pk} is current" in said
    assert f"/admin/app/run/{current.pk}/activate/" in said, "the way back"
    assert client.get("/recommendations/").json()["run"] == former.pk
    agree(admin_client, current)
    assert client.get("/recommendations/").json()["run"] == current.pk
    entries = LogEntry.objects.order_by("id").values_list("user", "object_id", "change_message")
    assert list(entries) == [
        (admin_user.pk, str(former.pk), f"made current in place of run {current.pk}"),
        (admin_user.pk, str(current.pk), f"made current in place of run {former.pk}"),
    ]


def test_a_second_click_does_nothing_and_says_so(admin_client, other_client, former, current):
    agree(other_client, former)
    answer = admin_client.post(page_of(former, "activate"), {"instead_of": current.pk}, follow=True)
    (said,) = messages_of(answer)
    assert said == f"Nothing was changed: run {former.pk} is current already."
    assert LogEntry.objects.count() == 1


def test_what_was_agreed_to_is_not_done_where_another_run_is_current_by_now(
    admin_client, other_client, former, current
):
    third = make_run("superseded")
    rate(third, former_movie(former, 1), rank=1)
    agree(other_client, third)
    answer = admin_client.post(page_of(former, "activate"), {"instead_of": current.pk}, follow=True)
    (said,) = messages_of(answer)
    assert f"run {third.pk} became current meanwhile" in said
    without = admin_client.post(page_of(former, "activate"), follow=True)
    assert "became current meanwhile" in messages_of(without)[0]
    assert Run.objects.current().get() == third


def test_a_run_without_rows_cannot_be_made_current(admin_client, current, former):
    purged = make_run("superseded", purged_at=timezone.now())
    empty, failed = make_run("superseded"), make_run("failed")
    for run in (purged, empty, failed):
        for way in (admin_client.get, admin_client.post):
            answer = way(page_of(run, "activate"), {"instead_of": current.pk}, follow=True)
            assert f"run {run.pk} has no rows to serve" in messages_of(answer)[0]
    assert Run.objects.current().get() == current


def test_nothing_is_made_current_while_a_job_publishes(admin_client, former, current):
    with lock_of_another():
        (said,) = messages_of(agree(admin_client, former))
    assert "a job is publishing right now" in said
    assert Run.objects.current().get() == current
    assert not LogEntry.objects.exists()


def test_no_run_can_be_deleted_and_none_changed(admin_client, current):
    assert admin_client.post(page_of(current, "delete"), {"post": "yes"}).status_code == 403
    assert admin_client.post(page_of(current), {"status": "failed"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [current.pk], "post": "yes"}
    admin_client.post("/admin/app/run/", action)
    assert Run.objects.filter(pk=current.pk, status="current").exists()


# Starting


@pytest.fixture
def command(settings, tmp_path):
    """Makes a command of a piece of Python, and ends what it started."""
    settings.START_RUN_LOG = str(tmp_path / "logs" / "start-run.log")
    started = []
    spawn = starting._spawn

    def configure(code):
        settings.START_RUN_COMMAND = [sys.executable, "-u", "-c", code]

    def remember(output):
        started.append(spawn(output))
        return started[-1]

    starting._spawn = remember
    yield configure
    starting._spawn = spawn
    for process in started:
        process.kill()
        process.wait()


WAITS = "import sys; print('reading ratings.csv'); sys.stdin.close(); import time; time.sleep(60)"


def wait_for(says):
    deadline = timezone.now() + timedelta(seconds=20)
    while timezone.now() < deadline:
        found = starting.progress()
        if any(says in line for line in found.lines):
            return found
    raise AssertionError(found)


def test_where_no_command_is_configured_there_is_no_start(admin_client):
    assert admin_client.get("/admin/app/run/start/").status_code == 404
    assert admin_client.post("/admin/app/run/start/").status_code == 404
    assert "Start a run" not in text_of(admin_client.get("/admin/app/run/"))


def test_a_run_is_started_once_and_its_output_shown(admin_client, admin_user, command):
    command(WAITS)
    assert "Start a run" in text_of(admin_client.get("/admin/app/run/"))
    answer = admin_client.post("/admin/app/run/start/", follow=True)
    assert messages_of(answer) == ["A run was started."]
    assert wait_for("reading ratings.csv").is_running
    page = admin_client.get("/admin/app/run/start/")
    assert "reading ratings.csv" in text_of(page)
    assert 'value="Start a run"' not in page.content.decode()
    (said,) = messages_of(admin_client.post("/admin/app/run/start/", follow=True))
    assert said == (
        "Nothing was changed: a run that was started here is at work: wait for it to end."
    )
    assert LogEntry.objects.values_list("user", "object_repr").get() == (
        admin_user.pk,
        "a run was started",
    )


def test_how_a_command_ended_is_told_and_the_next_may_start(admin_client, command):
    command("import sys; sys.exit('no such bucket')")
    admin_client.post("/admin/app/run/start/")
    wait_for("ended with exit code 1")
    assert "no such bucket" in text_of(admin_client.get("/admin/app/run/start/"))
    deadline = timezone.now() + timedelta(seconds=20)
    while starting.progress().is_running and timezone.now() < deadline:
        pass
    answer = admin_client.post("/admin/app/run/start/", follow=True)
    assert messages_of(answer) == ["A run was started."]


def test_the_command_does_not_get_the_keys_of_the_site(admin_client, command, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "the-key")
    monkeypatch.setenv("DB_PASSWORD", "the-password")
    command("import os; print(os.environ.get('SECRET_KEY'), os.environ['DB_PASSWORD'])")
    admin_client.post("/admin/app/run/start/")
    wait_for("None the-password")


def test_a_command_that_does_not_exist_is_named(admin_client, command, settings):
    settings.START_RUN_COMMAND = ["/nowhere/job"]
    (said,) = messages_of(admin_client.post("/admin/app/run/start/", follow=True))
    assert "/nowhere/job cannot be started: No such file or directory" in said
    assert not LogEntry.objects.exists()


def test_nothing_is_started_while_a_job_loads(admin_client, command):
    command(WAITS)
    make_run("loading", finished_at=None, started_at=timezone.now() - timedelta(minutes=3))
    with lock_of_another():
        text = text_of(admin_client.get("/admin/app/run/start/"))
        assert "loading; it was started 3 minutes ago" in text
        (said,) = messages_of(admin_client.post("/admin/app/run/start/", follow=True))
    assert "a job is publishing right now" in said
    text = text_of(admin_client.get("/admin/app/run/start/"))
    assert "its job has ended without a word" in text
