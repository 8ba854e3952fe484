"""Who pages on stays in the version that the first page was of, as long as it is known."""

from datetime import timedelta

import pytest
from django.utils import timezone

from app.catalogue.errors import RunNotKept
from app.catalogue.lists.ranking import top_movies
from app.models import Curation, KeptDecisions, Movie, MovieGenre, Run
from app.serving.kept_decisions import DecisionHistory, keep_decisions
from app.serving.store import EARLIER
from tests.site.factories import curate, make_ranking, make_run, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    run = make_run()
    make_ranking(run, 6, genres=("War",))
    return run


@pytest.fixture
def show(site_watcher):
    """The version that a process shows now."""
    return lambda: site_watcher.check().version


def ids(version):
    return [movie.movie_id for movie in top_movies(version.curated).movies]


def publish(movies, **run):
    Run.objects.filter(status="current").update(status="superseded")
    run = make_run(**run)
    for movie in movies:
        rate(run, movie, score=movie.pk / 10, rank=len(movies) + 1 - movie.pk)
    return run


def test_a_curators_change_leaves_the_pages_of_before_alone(run, show, site_watcher):
    before = show()
    curate(Movie.objects.get(pk=1), hidden=True)
    now = show()
    assert (ids(before), ids(now)) == ([1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6])
    found = now.pinned(site_watcher.history, run_id=run.pk, token=before.token)
    assert ids(found) == ids(before)
    assert found.change_notice(before.token) is None


def test_another_process_finds_the_decisions_in_the_database(run, show):
    before = show()
    curate(Movie.objects.get(pk=1), hidden=True)
    now = show()
    found = now.pinned(DecisionHistory(), run_id=run.pk, token=before.token)
    assert ids(found) == [1, 2, 3, 4, 5, 6]


def test_a_database_that_is_away_is_not_asked_for_decisions(run, show):
    before = show()
    curate(Movie.objects.get(pk=1), hidden=True)
    found = show().pinned(DecisionHistory(lambda: True), run_id=run.pk, token=before.token)
    assert ids(found) == [2, 3, 4, 5, 6]


def test_what_is_gone_falls_back_to_the_run_and_says_so(run, show):
    before = show()
    curate(Movie.objects.get(pk=1), hidden=True)
    now = show()
    KeptDecisions.objects.all().delete()
    found = now.pinned(DecisionHistory(), run_id=run.pk, token=before.token)
    assert (found.token, ids(found)) == (now.token, [2, 3, 4, 5, 6])
    assert "gone" in found.change_notice(before.token)


def test_decisions_are_kept_for_an_hour_after_they_were_in_force(run, show):
    show()
    curate(Movie.objects.get(pk=1), hidden=True)
    second = show().state.decisions
    assert KeptDecisions.objects.count() == 2
    KeptDecisions.objects.update(in_force_at=timezone.now() - timedelta(minutes=61))
    Curation.objects.all().delete()
    show()
    assert set(KeptDecisions.objects.values_list("pk", flat=True)) == {
        second.digest, show().state.decisions.digest
    }  # fmt: skip


def test_what_is_kept_twice_is_kept_once(run, show):
    decisions = show().state.decisions
    keep_decisions(decisions)
    keep_decisions(decisions, decisions)
    assert KeptDecisions.objects.count() == 1


def test_a_publish_leaves_the_titles_and_genres_of_before_to_who_pages_on(run, show, site_watcher):
    before = show()
    MovieGenre.objects.filter(movie_id__gt=3).delete()
    Movie.objects.filter(pk=1).update(title="Renamed")
    publish(Movie.objects.all())
    now = show()
    assert now.curated.title_of(1)[0] == "Renamed"
    found = now.pinned(site_watcher.history, run_id=run.pk, token=before.token)
    assert found.curated.title_of(1)[0] == "Movie 1"
    assert found.curated.catalogue is before.curated.catalogue
    assert found.change_notice(before.token) is None


def test_a_kept_run_is_loaded_when_it_is_asked_for(run, show):
    former = make_run("superseded", pk=run.pk - 1)
    rate(former, Movie.objects.get(pk=4), rank=1)
    version = show().of_run(former.pk)
    assert (version.run.id, ids(version), version.current_run.id) == (former.pk, [4], run.pk)


@pytest.mark.parametrize("status", ["failed", "purged", "none"])
def test_a_run_without_rows_is_refused_with_those_that_can_be_had(run, show, status):
    other = run.pk + 1
    if status == "failed":
        make_run("failed", pk=other)
    if status == "purged":
        make_run("superseded", pk=other, purged_at=timezone.now())
    with pytest.raises(RunNotKept) as error:
        show().of_run(other)
    assert (error.value.run_id, error.value.kept) == (other, (run.pk,))


def test_few_catalogues_are_in_memory_at_once(run, show, site_watcher):
    movies = list(Movie.objects.all())
    for _ in range(EARLIER + 3):
        publish(movies)
        version = show()
    for id_ in version.kept:
        assert version.of_run(id_).run.id == id_
    assert len(site_watcher._store._loaded) == EARLIER + 1


def test_a_purge_takes_the_run_before_away(run, show):
    make_run("superseded", pk=run.pk - 1)
    assert show().curated.catalogue.previous_run == run.pk - 1
    Run.objects.filter(pk=run.pk - 1).update(purged_at=timezone.now())
    assert show().curated.catalogue.previous_run is None


def test_a_note_and_a_decision_that_ran_out_change_nothing(run, show):
    before = show()
    past = timezone.now() - timedelta(seconds=1)
    curate(Movie.objects.get(pk=1), note="for us only")
    curate(Movie.objects.get(pk=2), hidden=True, until=past)
    assert show().revision == before.revision


def test_equal_contents_are_the_same_version(run, show):
    before = show()
    decision = curate(Movie.objects.get(pk=1), pinned_position=3)
    assert show().revision != before.revision
    decision.delete()
    assert show().revision == before.revision
