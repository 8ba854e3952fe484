"""What curators do in the admin: several movies at once, and back; two at a time; till when."""

import html
import re
from datetime import timedelta
from threading import Thread

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from app.admin.forms import UntilField
from app.curation import services
from app.models import Curation, CurationChange, Movie
from tests.site.admin.test_admin import bulk, confirm, listed
from tests.site.factories import curate, make_movie, make_ranking, make_run

pytestmark = pytest.mark.django_db
MOVIE, CURATION = "/admin/app/movie/1/change/", "/admin/app/curation/1/change/"


@pytest.fixture
def movies():
    return make_ranking(make_run(), 3)


@pytest.fixture
def other_client():
    """Another superuser at another machine."""
    client = Client()
    client.force_login(User.objects.create_superuser("berta", "b@example.org", "x"))
    return client


def form_of(page):
    """All fields of the page's form, as a browser would send them."""
    text = page.content.decode()
    text = text[text.index('method="post" id=') :]
    fields = {}
    for tag in re.findall(r"<input [^>]*>", text):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        is_ticked = found["type"] != "checkbox" or " checked" in tag
        if "name" in found and is_ticked and found["type"] != "submit":
            default = "on" if found["type"] == "checkbox" else ""
            fields[found["name"]] = html.unescape(found.get("value", default))
    for name, value in re.findall(
        r'<textarea name="([\w-]+)"[^>]*>\n?(.*?)</textarea>', text, re.S
    ):
        fields[name] = html.unescape(value)
    return fields


def edit(client, address, form=None, **values):
    """Open the page, or take a form that was opened before, change values and save."""
    form = dict(form or form_of(client.get(address)))
    prefix = "curation-0-" if "/movie/" in address else ""
    for name, value in values.items():
        form[prefix + name] = value
        if value is None:
            del form[prefix + name]
    return client.post(address, form)


def complaints(page):
    """What is told as wrong, anywhere on the page."""
    assert page.status_code == 200, page
    lists = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', page.content.decode(), re.S)
    return html.unescape(" ".join(re.sub("<[^>]+>", "", one) for one in lists))


# A movie's page


@pytest.mark.parametrize("address", [MOVIE, CURATION])
def test_ticking_delete_or_pressing_it_withdraws_the_decision(admin_client, movies, address):
    curate(movies[0], hidden=True, note="why")
    if address == MOVIE:
        answer = edit(admin_client, MOVIE, DELETE="on")
        assert answer.status_code == 302
    else:
        page = admin_client.get("/admin/app/curation/1/delete/")
        assert "hidden, note “why”" in page.content.decode() or page.status_code == 200
        confirm(
            admin_client,
            admin_client.get("/admin/app/curation/1/delete/"),
            page.request["PATH_INFO"],
        )
    assert not Curation.objects.exists()
    assert listed(admin_client) == [1, 2, 3]
    entry = CurationChange.objects.get()
    assert (entry.before["note"], entry.after) == ("why", None)
    assert admin_client.get("/admin/app/movie/1/history/").status_code == 200


def test_a_page_saved_as_it_was_opened_decides_nothing(admin_client, movies):
    assert edit(admin_client, MOVIE).status_code == 302
    curate(movies[1], hidden=True)
    assert edit(admin_client, "/admin/app/movie/2/change/").status_code == 302
    assert Curation.objects.get().hidden
    assert not CurationChange.objects.exists()


def test_a_form_that_was_tampered_with_is_told_about(admin_client, movies):
    form = form_of(admin_client.get(MOVIE)) | {"curation-TOTAL_FORMS": "x"}
    assert "ManagementForm data is missing" in complaints(admin_client.post(MOVIE, form))
    assert complaints(admin_client.post(MOVIE, {"curation-0-hidden": "on"}))
    assert not Curation.objects.exists()


# Until


@pytest.mark.parametrize("address", [MOVIE, CURATION])
def test_an_end_date_in_the_past_is_refused(admin_client, movies, address):
    curate(movies[0], note="old")
    page = edit(admin_client, address, hidden="on", until_0="2020-01-01", until_1="10:00")
    assert "This has passed" in complaints(page)
    assert not Curation.objects.get().hidden


def test_a_date_alone_lasts_to_the_end_of_that_day(admin_client, movies):
    day = (timezone.now() + timedelta(days=3)).date()
    assert edit(admin_client, MOVIE, hidden="on", until_0=day.isoformat()).status_code == 302
    assert Curation.objects.get().until.isoformat() == f"{day}T23:59:59+00:00"
    assert "A date alone: to the end of that day" in admin_client.get(MOVIE).content.decode()
    today = timezone.now().date().isoformat()
    assert UntilField(required=False).clean([today, ""]) > timezone.now()


def test_a_time_alone_asks_for_the_date(admin_client, movies):
    page = edit(admin_client, MOVIE, hidden="on", until_1="10:00")
    assert "Give the date, too." in complaints(page)


def test_an_expired_decision_is_called_so_and_may_be_found(admin_client, movies):
    curate(movies[0], pinned_position=2, until=timezone.now() - timedelta(days=1))
    for page in (MOVIE, CURATION, "/admin/app/movie/", "/admin/app/curation/?decision=expired"):
        assert "expired: pinned at 2" in admin_client.get(page).content.decode()
    found = admin_client.get("/admin/app/movie/?decision=pinned").content.decode()
    assert "expired: pinned" not in found


# Two curators


@pytest.mark.parametrize("address", [MOVIE, CURATION])
def test_a_stale_form_undoes_nothing_and_says_who_did_what(
    admin_client, other_client, movies, address
):
    curate(movies[0], pinned_position=3)
    mine = form_of(admin_client.get(address))
    assert edit(other_client, address, pinned_position="", hidden="on").status_code == 302
    page = edit(admin_client, address, mine, note="typed 字 🎬")
    said = complaints(page)
    assert "berta changed this decision on" in said
    assert "it was “pinned at 3” and is now “hidden”" in said
    assert Curation.objects.get().hidden
    assert form_of(page)[("curation-0-" if address == MOVIE else "") + "note"] == "typed 字 🎬"
    assert admin_client.post(address, form_of(page)).status_code == 302
    row = Curation.objects.get()
    assert (row.pinned_position, row.hidden, row.note) == (3, False, "typed 字 🎬")


@pytest.mark.parametrize("address", [MOVIE, CURATION])
def test_a_form_for_a_decision_that_was_withdrawn_keeps_what_was_typed(
    admin_client, other_client, movies, address
):
    curate(movies[0], pinned_position=3)
    mine = form_of(admin_client.get(address))
    edit(other_client, MOVIE, DELETE="on")
    page = edit(admin_client, address, mine, note="typed")
    assert "berta" in complaints(page)
    assert "is now “no decision”" in complaints(page)
    assert not Curation.objects.exists()
    assert admin_client.post(address, form_of(page)).status_code == 302
    assert Curation.objects.get().note == "typed"


def test_two_who_decide_first_about_a_movie_do_not_overwrite_each_other(
    admin_client, other_client, movies
):
    mine = form_of(admin_client.get(MOVIE))
    edit(other_client, MOVIE, hidden="on")
    page = edit(admin_client, MOVIE, mine, note="typed")
    assert "it was “no decision” and is now “hidden”" in complaints(page)
    assert Curation.objects.get().hidden
    without_version = {name: value for name, value in mine.items() if "version" not in name}
    assert "berta" in complaints(edit(admin_client, MOVIE, without_version, note="typed"))


def test_a_stale_form_does_not_delete_either(admin_client, other_client, movies):
    curate(movies[0], pinned_position=3)
    mine = form_of(admin_client.get(MOVIE))
    asked = admin_client.get("/admin/app/curation/1/delete/")
    edit(other_client, MOVIE, note="mind this")
    assert "note “mind this”" in complaints(edit(admin_client, MOVIE, mine, DELETE="on"))
    (warning,) = confirm(admin_client, asked, "/admin/app/curation/1/delete/")
    assert "Somebody changed one of these decisions" in warning
    assert Curation.objects.get().note == "mind this"


def test_a_bulk_action_that_was_agreed_to_before_asks_again(admin_client, other_client, movies):
    asked = bulk(admin_client, "hide", [1, 2])
    edit(other_client, MOVIE, pinned_position="2")
    (warning,) = confirm(admin_client, asked)
    assert "Somebody changed one of these decisions" in warning
    assert not Curation.objects.filter(hidden=True).exists()


# Several at once


def test_hiding_all_says_that_the_ranking_will_be_empty(admin_client, movies):
    page = bulk(admin_client, "hide", [1], select_across="1", index="0")
    text = page.content.decode()
    assert "Readers see 3 movies in the ranking now, and <strong>0</strong> afterwards." in text
    assert "Afterwards the ranking is empty." in text


def test_more_than_the_bound_is_refused_with_what_to_do(admin_client, movies, monkeypatch):
    monkeypatch.setattr("app.admin.bulk.MOST_AT_ONCE", 2)
    answer = bulk(admin_client, "hide", [1], select_across="1", index="0")
    page = admin_client.get(answer.url).content.decode()
    assert "3 movies are chosen, and nothing was changed: at most 2" in page
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
    confirm(admin_client, page, undo)
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
    assert "Movie 2 (2000): was changed since" in page
    assert "Movie 1 (2000): position 1 is taken by “Movie 3”" in page


def test_what_is_hidden_already_keeps_its_end(admin_client, movies):
    until = timezone.now() + timedelta(days=1)
    curate(movies[0], hidden=True, until=until)
    page = bulk(admin_client, "hide", [1, 2])
    assert "Movie 1 (2000): is hidden already" in page.content.decode()
    confirm(admin_client, page)
    assert Curation.objects.get(movie_id=1).until == until


def test_each_movie_gets_its_entries_in_both_histories(admin_client, admin_user, movies):
    confirm(admin_client, bulk(admin_client, "hide", [1, 2]))
    entries = LogEntry.objects.order_by("object_id").values_list("object_id", "change_message")
    assert list(entries) == [("1", "no decision → hidden"), ("2", "no decision → hidden")]
    changes = CurationChange.objects.values_list("changed_by", "movie", "way")
    assert set(changes) == {(admin_user.pk, 1, "bulk"), (admin_user.pk, 2, "bulk")}
    assert len(set(CurationChange.objects.values_list("batch", flat=True))) == 1
    history = admin_client.get("/admin/app/curationchange/").content.decode()
    assert history.count("no decision") == 2


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

    monkeypatch.setattr(LogEntry.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        confirm(admin_client, page)
    assert not Curation.objects.exists()
    assert not CurationChange.objects.exists()


def test_a_decision_without_a_movie_can_be_named():
    row = curate(make_movie(1), hidden=True)
    row.delete()  # Django takes the key away, as it is the movie's
    assert str(row) == "no movie"
    assert Movie.objects.count() == 1


def test_a_decision_is_undone_though_its_curators_are_gone(admin_client, other_client, movies):
    edit(other_client, MOVIE, hidden="on")
    edit(admin_client, MOVIE, note="mine")
    User.objects.get(username="berta").delete()
    batch = CurationChange.objects.latest("id").batch
    services.apply(services.plan_undo(batch), user=None)
    row = Curation.objects.get()
    assert (row.hidden, row.note, row.decided_by) == (True, "", None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time")
def test_forms_that_arrive_at_the_same_moment_do_not_overwrite_each_other(admin_client):
    movies, answers = make_ranking(make_run(), 1), []
    mine = form_of(admin_client.get(MOVIE))

    def save():
        answers.append(edit(admin_client, MOVIE, mine, note="typed"))
        connection.close()

    with transaction.atomic():
        services.lock()
        services.apply(services.plan_hide([movies[0].pk]), user=None)
        thread = Thread(target=save)
        thread.start()
        thread.join(timeout=0.5)
        assert not answers, "it waits"
    thread.join()
    assert "is now “hidden”" in complaints(answers[0])
    assert Curation.objects.get().hidden
