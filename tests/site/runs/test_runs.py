"""manage.py runs: what the operator does at two in the morning."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from app.models import RecommendationData, RejectedRow, Run, StagedMovie
from app.runs import lifecycle
from tests.site.factories import evaluation, make_movie, make_run, rate
from tests.site.publishing import lock_of_another, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def command(*arguments):
    out = io.StringIO()
    call_command("runs", *arguments, stdout=out)
    return out.getvalue()


def test_all_runs_are_listed_the_newest_first():
    old = make_run("superseded", ratings_accepted=100_836)
    failed = make_run("failed", finished_at=None, error="disk full")
    current = make_run(prior_mean=3.5015)
    for arguments in ((), ("list",)):
        header, *lines = command(*arguments).splitlines()
        assert header.split()[:3] == ["run", "status", "finished"]
        assert [line.split()[:2] for line in lines] == [
            [str(current.pk), "current"],
            [str(failed.pk), "failed"],
            [str(old.pk), "superseded"],
        ]
    assert "3.502" in lines[0]
    assert "disk full" in lines[1]
    assert "100,836" in lines[2]


def test_the_list_of_runs_says_how_good_each_is():
    make_run("superseded", pk=1, evaluation=evaluation(0.2, splits=("temporal", "random")))
    make_run("superseded", pk=2, evaluation=evaluation(0.5))
    make_run(pk=3)
    _, *lines = command().splitlines()
    assert [line.split()[9] for line in lines] == ["-/-", "-/0.500", "0.200/0.200"]


def test_two_runs_are_compared():
    before, after = make_run("superseded"), make_run()
    ranks = {1: (1, 2), 2: (2, 1), 3: (3, None), 4: (None, 3), 5: (4, 4), 6: (None, None)}
    for movie_id, (old, new) in ranks.items():
        movie = make_movie(movie_id)
        rate(before, movie, rank=old)
        rate(after, movie, rank=new)
    lines = [line.strip() for line in command("diff", str(before.pk), str(after.pk)).splitlines()]
    assert [" ".join(line.split()) for line in lines] == [
        "entered: 1",
        "- -> 3 Movie 4 (2000)",
        "left: 1",
        "3 -> - Movie 3 (2000)",
        "moved: 2",
        "1 -> 2 Movie 1 (2000)",
        "2 -> 1 Movie 2 (2000)",
    ]


def test_a_former_run_becomes_current_again(client):
    former, current = make_run("superseded"), make_run()
    rate(former, make_movie(1))
    assert command("activate", str(former.pk)) == f"run {former.pk} is current\n"
    assert statuses() == {former.pk: "current", current.pk: "superseded"}
    assert client.get("/recommendations/").json()["run"] == former.pk


def test_only_a_run_that_is_kept_can_become_current():
    current, failed = make_run(), make_run("failed")
    for run_id in (failed.pk, 999_999):
        with pytest.raises(CommandError, match=f"has no rows to serve; kept: {current.pk}"):
            command("activate", str(run_id))
    with pytest.raises(CommandError, match="is already current"):
        command("activate", str(current.pk))
    assert statuses() == {current.pk: "current", failed.pk: "failed"}


def test_a_kept_run_whose_rows_are_gone_does_not_become_current():
    former, current = make_run("superseded"), make_run()
    with pytest.raises(CommandError, match=f"has no rows to serve; kept: {current.pk}"):
        command("activate", str(former.pk))
    assert statuses() == {former.pk: "superseded", current.pk: "current"}


def test_a_purge_takes_old_and_failed_runs_and_staging(monkeypatch):
    monkeypatch.setattr(lifecycle, "PURGE_ROWS", 2)
    movies = [make_movie(n) for n in range(1, 8)]
    old, failed, kept, current = (
        make_run(status) for status in ("superseded", "failed", "superseded", "current")
    )
    for run in (old, failed, kept, current):
        for movie in movies:
            rate(run, movie)
        RejectedRow.objects.create(run=run, file="ratings.csv", reason="bad_id", raw="x")
    StagedMovie.objects.create(run_id=failed.pk, movie_id=1, title="x")
    assert command("purge", "--keep-runs", "2") == f"purged runs: {old.pk}, {failed.pk}\n"
    for model in (RecommendationData, RejectedRow):
        assert set(model.objects.values_list("run_id", flat=True)) == {kept.pk, current.pk}
    assert not StagedMovie.objects.exists()
    assert set(Run.objects.exclude(purged_at=None)) == {old, failed}
    assert command("purge", "--keep-runs", "2").startswith("purged runs: none")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's way of being full")
@pytest.mark.parametrize("status", ["loading", "superseded"])
def test_a_purge_works_where_nothing_can_be_written_any_more(status):
    make_run()
    dead = make_run(status)
    others = [make_run("superseded") for _ in range(100)]  # many marks, which need room
    with connection.cursor() as cursor:
        ((limit,),) = cursor.execute("PRAGMA max_page_count").fetchall()
        ((pages,),) = cursor.execute("PRAGMA page_count").fetchall()
        cursor.execute(f"PRAGMA max_page_count = {pages + 5}")
        try:
            with pytest.raises(OperationalError, match="full"):
                for _ in range(10_000):
                    RejectedRow.objects.create(run=dead, file="x", reason="x", raw="x" * 300)
            command("purge", "--keep-runs", "1")
        finally:
            cursor.execute(f"PRAGMA max_page_count = {limit}")
    assert not RejectedRow.objects.exists()
    assert set(Run.objects.exclude(purged_at=None)) == {dead, *others}


def test_the_current_run_is_kept_even_when_it_is_the_oldest():
    current = make_run()
    make_run("superseded")
    rate(current, make_movie(1))
    command("purge", "--keep-runs", "1")
    assert RecommendationData.objects.filter(run=current).exists()
    with pytest.raises(CommandError, match="at least 1"):
        command("purge", "--keep-runs", "0")


def test_nothing_is_changed_while_somebody_publishes():
    former, current = make_run("superseded"), make_run()
    rate(former, make_movie(1))
    with lock_of_another():
        for arguments in (("activate", str(former.pk)), ("purge",)):
            with pytest.raises(CommandError, match="a job is publishing right now"):
                command(*arguments)
    assert statuses() == {former.pk: "superseded", current.pk: "current"}
    command("activate", str(former.pk))
