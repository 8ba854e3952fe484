"""Decisions about several movies at once, and the way back."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from app.curation import services
from app.models import Curation, CurationChange
from tests.site.admin.pages import MOVIE, bulk, confirm, edit, listed
from tests.site.factories import curate, make_ranking, make_run

pytestmark = pytest.mark.django_db


def test_a_bulk_action_that_was_agreed_to_before_asks_again(admin_client, other_client, movies):
    asked = bulk(admin_client, "hide", [1, 2])
    edit(other_client, MOVIE, pinned_position="2")
    (warning,) = confirm(admin_client, asked)
    assert "One of these decisions was changed" in warning
    assert not Curation.objects.filter(hidden=True).exists()


def test_hiding_all_says_that_the_ranking_will_be_empty(admin_client, movies):
    page = bulk(admin_client, "hide", [1], select_across="1", index="0")
    text = page.content.decode()
    assert "Readers see 3 movies in the ranking now, and <strong>0</strong> afterwards." in text
    assert "Afterwards the ranking is empty." in text


def test_more_than_the_bound_is_refused_with_what_to_do(admin_client, movies, monkeypatch):
    monkeypatch.setattr("app.admin.movies.bulk.MOST_AT_ONCE", 2)
    answer = bulk(admin_client, "hide", [1], select_across="1", index="0")
    page = admin_client.get(answer.url).content.decode()
    assert "More movies are selected than the 2 that can be changed at once" in page
    confirmed = {"confirmed": "yes", "movies": "1,2,3", "version": "x"}
    bulk(admin_client, "hide", [1], **confirmed)
    assert not Curation.objects.exists()


def test_a_bulk_action_is_undone_as_a_whole(admin_client, movies):
    until = timezone.now() + timedelta(days=9)
    curate(movies[0], pinned_position=3, note="stays", until=until)
    before = list(Curation.objects.values())
    (message,) = confirm(admin_client, bulk(admin_client, "hide", [1, 2, 3]))
    assert listed(admin_client) == []
    undo = re.search('href="([^"]+)"', message)[1]
    page = admin_client.get(undo)
    assert "hidden, note “stays”" in page.content.decode()
    confirm(admin_client, page)
    assert list(Curation.objects.values()) == before
    assert listed(admin_client) == [2, 3, 1]
    ways = CurationChange.objects.order_by("id").values_list("way", flat=True)
    assert list(ways) == ["bulk"] * 3 + ["undo"] * 3


def test_an_undo_leaves_alone_what_was_changed_since_or_is_taken_by_now(admin_client, movies):
    curate(movies[0], pinned_position=1)
    (message,) = confirm(admin_client, bulk(admin_client, "hide", [1, 2, 3]))
    edit(admin_client, "/admin/app/movie/2/change/", note="since")
    edit(admin_client, "/admin/app/movie/3/change/", hidden=None, pinned_position="1")
    undo = re.search('href="([^"]+)"', message)[1]
    page = admin_client.get(undo).content.decode()
    assert "There is nothing to change." in page
    assert "Movie 2 (2000): has been changed since" in page
    assert "Movie 1 (2000): position 1 is taken by “Movie 3 (2000)”" in page


def test_what_is_hidden_already_keeps_its_end(admin_client, movies):
    until = timezone.now() + timedelta(days=1)
    curate(movies[0], hidden=True, until=until)
    page = bulk(admin_client, "hide", [1, 2])
    assert "Movie 1 (2000): is already hidden" in page.content.decode()
    confirm(admin_client, page)
    assert Curation.objects.get(movie_id=1).until == until


def test_each_movie_gets_its_entry_in_the_history(admin_client, admin_user, movies):
    confirm(admin_client, bulk(admin_client, "hide", [1, 2]))
    changes = CurationChange.objects.values_list("changed_by", "movie", "way")
    assert set(changes) == {(admin_user.pk, 1, "bulk"), (admin_user.pk, 2, "bulk")}
    assert len(set(CurationChange.objects.values_list("batch", flat=True))) == 1
    history = admin_client.get("/admin/app/curationchange/").content.decode()
    assert history.count("no decision → hidden") == 2
    of_one = admin_client.get("/admin/app/movie/1/history/", follow=True).content.decode()
    assert of_one.count("no decision → hidden") == 1


def test_many_movies_cost_as_many_queries_as_few(admin_client):
    make_ranking(make_run(), 120)

    def cost(ids):
        page = bulk(admin_client, "hide", ids)
        with CaptureQueriesContext(connection) as queries:
            confirm(admin_client, page)
        return len(queries)

    few, many = cost([1, 2]), cost(range(3, 121))
    assert many <= few + 4  # SQLite takes some rows at a time
    assert Curation.objects.filter(hidden=True).count() == 120


def test_a_bulk_action_is_one_transaction(admin_client, movies, monkeypatch):
    page = bulk(admin_client, "hide", [1, 2])

    def fail(*_):
        raise RuntimeError("the connection is lost")

    monkeypatch.setattr(CurationChange.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        confirm(admin_client, page)
    assert not Curation.objects.exists()
    assert not CurationChange.objects.exists()


def test_a_decision_is_undone_though_its_curators_are_gone(admin_client, other_client, movies):
    edit(other_client, MOVIE, hidden="on")
    edit(admin_client, MOVIE, note="mine")
    User.objects.get(username="berta").delete()
    batch = CurationChange.objects.latest("id").batch
    services.apply(services.plan_undo(batch), user=None)
    row = Curation.objects.get()
    assert (row.hidden, row.note, row.decided_by) == (True, "", None)
