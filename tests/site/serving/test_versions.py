"""Versions of the catalogue: what makes another one, and with it another ETag."""

from datetime import timedelta

import pytest
from django.utils import timezone

from app.catalogue.decisions import Decisions
from app.models import Curation, Movie, Run
from app.serving.state import read_state
from tests.site.factories import curate, make_run

pytestmark = pytest.mark.django_db
LIST = "/recommendations/"


def test_a_curator_s_change_is_another_version(client, run):
    before = client.get(LIST)
    decision = curate(run.recommendationdata_set.first().movie, hidden=True)
    hidden = client.get(LIST)
    assert hidden.json()["count"] == before.json()["count"] - 1
    assert hidden.headers["ETag"] != before.headers["ETag"]
    Curation.objects.filter(pk=decision.pk).update(hidden=False)
    # The same contents are the same version, whatever happened in between.
    assert client.get(LIST).headers["ETag"] == before.headers["ETag"]


def test_a_note_is_none(client, run):
    before = client.get(LIST).headers["ETag"]
    curate(run.recommendationdata_set.first().movie, note="for us only")
    assert client.get(LIST).headers["ETag"] == before


def test_an_end_date_that_passes_is_another_version(client, run, monkeypatch):
    until = timezone.now() + timedelta(hours=1)
    curate(run.recommendationdata_set.first().movie, hidden=True, until=until)
    assert client.get(LIST).json()["count"] == 29
    monkeypatch.setattr(timezone, "now", lambda: until + timedelta(seconds=1))
    assert client.get(LIST).json()["count"] == 30


def test_a_publish_is_another_version_also_to_lists_of_a_former_run(client, run):
    # The titles of the catalogue are the newest run's.
    address = f"{LIST}?run={run.pk}"
    before = client.get(address).headers["ETag"]
    Run.objects.filter(pk=run.pk).update(status="superseded")
    make_run()
    assert client.get(address).headers["ETag"] != before


def test_a_way_back_is_another_version_as_the_titles_stay(client, run):
    before = client.get(LIST)
    later = make_run("superseded")
    Run.objects.filter(pk=run.pk).update(status="superseded")
    Run.objects.filter(pk=later.pk).update(status="current")
    Movie.objects.filter(pk=1).update(title="Renamed by the later run")
    Run.objects.filter(pk=later.pk).update(status="superseded")
    Run.objects.filter(pk=run.pk).update(status="current")
    after = client.get(LIST)
    assert after.json()["results"][0]["title"] == "Renamed by the later run"
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize("name", ["started_at", "finished_at"])
def test_another_run_of_the_same_number_is_another_version(client, run, name):
    # As after a restored backup, or in a database made anew.
    before = client.get(LIST).headers["ETag"]
    Run.objects.filter(pk=run.pk).update(**{name: timezone.now()})
    assert client.get(LIST).headers["ETag"] != before


def test_a_purge_is_another_version(client, run):
    former = make_run("superseded")
    assert [item["kept"] for item in client.get("/api/runs/").json()["results"]] == [True, True]
    Run.objects.filter(pk=former.pk).update(purged_at=timezone.now())
    assert [item["kept"] for item in client.get("/api/runs/").json()["results"]] == [False, True]


def test_a_purge_is_seen_although_the_clocks_differ(client, run):
    ahead, now = timezone.now() + timedelta(days=1), timezone.now()
    first, second = make_run("superseded", purged_at=ahead), make_run("superseded")
    assert client.get(f"{LIST}?run={second.pk}").status_code == 200
    Run.objects.filter(pk=second.pk).update(purged_at=now)
    assert client.get(f"{LIST}?run={second.pk}").status_code == 404
    assert first.purged_at > now


def test_the_version_holds_what_the_models_call_current_and_active(run):
    movies = [row.movie for row in run.recommendationdata_set.all()[:6]]
    soon, past = timezone.now() + timedelta(hours=1), timezone.now() - timedelta(hours=1)
    for movie, until in zip(movies[:3], (None, soon, past), strict=True):
        curate(movie, hidden=True, until=until)
    curate(movies[3], pinned_position=2)
    curate(movies[4], note="nothing else")
    active = Curation.objects.active().filter(hidden=True).values_list("movie_id", flat=True)
    state = read_state()
    assert state.run.run_id == Run.objects.current().get().pk
    assert state.decisions == Decisions(frozenset(active), ((2, movies[3].pk),))
    assert set(active) == {movies[0].pk, movies[1].pk}
