"""How curators decide on a movie's page: until when, and two who do not know of each other."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from app.admin.curation.forms import UntilField
from app.models import Curation, CurationChange, Movie
from tests.site.admin.pages import CURATION, MOVIE, complaints, confirm, edit, form_of, listed
from tests.site.factories import curate, make_movie

pytestmark = pytest.mark.django_db


# A movie's page


@pytest.mark.parametrize("address", [MOVIE, CURATION])
def test_ticking_delete_or_pressing_it_withdraws_the_decision(admin_client, movies, address):
    curate(movies[0], hidden=True, note="why")
    if address == MOVIE:
        answer = edit(admin_client, MOVIE, DELETE="on")
        assert answer.status_code == 302
    else:
        page = admin_client.get("/admin/app/curation/1/delete/")
        assert "hidden, note “why”" in page.content.decode()
        confirm(admin_client, page)
    assert not Curation.objects.exists()
    assert listed(admin_client) == [1, 2, 3]
    entry = CurationChange.objects.get()
    assert (entry.before["note"], entry.after) == ("why", None)
    assert "note “why”" in admin_client.get(f"{address}../history/", follow=True).content.decode()


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
    assert "This is in the past" in complaints(page)
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
    assert "Enter a date as well." in complaints(page)


def test_an_expired_decision_leaves_the_page_for_the_history_and_may_be_found(admin_client, movies):
    curate(movies[0], pinned_position=2, until=timezone.now() - timedelta(days=1))
    found = admin_client.get("/admin/app/movie/?decision=expired").content.decode()
    assert "Movie 1" in found and "Movie 2" not in found
    assert "no decision" in admin_client.get(MOVIE).content.decode()
    history = admin_client.get("/admin/app/movie/1/history/", follow=True).content.decode()
    assert "pinned at 2" in history and "expiry" in history


@pytest.mark.parametrize("address", [MOVIE, CURATION])
def test_a_form_for_a_decision_that_ran_out_meanwhile_says_so(admin_client, movies, address):
    curate(movies[0], pinned_position=3, until=timezone.now() + timedelta(days=1))
    mine = form_of(admin_client.get(address))
    Curation.objects.update(until=timezone.now() - timedelta(seconds=1))
    page = edit(admin_client, address, mine, note="typed", until_0="", until_1="")
    assert "This decision expired on" in complaints(page)
    assert "it was “expired: pinned at 3" in complaints(page)
    assert admin_client.post(address, form_of(page)).status_code == 302
    assert Curation.objects.get().note == "typed"


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
    (warning,) = confirm(admin_client, asked)
    assert "One of these decisions was changed" in warning
    assert Curation.objects.get().note == "mind this"


def test_a_decision_without_a_movie_can_be_named():
    row = curate(make_movie(1), hidden=True)
    row.delete()  # Django takes the key away, as it is the movie's
    assert str(row) == "no movie"
    assert Movie.objects.count() == 1


NO_KEYS = ("9999999999999999999", "9" * 40, "x", "1e5", "-1", "1.5", "²", "\0", "１")


@pytest.mark.parametrize("given", NO_KEYS)
def test_what_is_no_movie_is_refused_and_makes_nothing_fall(admin_client, movies, given):
    admin_client.raise_request_exception = False
    address, typed = "/admin/app/curation/add/", quote(given)
    assert admin_client.get(f"{address}?movie={typed}").status_code == 200
    page = admin_client.post(address, {"movie": given, "hidden": "on"})
    assert "Select a valid choice" in complaints(page)
    for way in ("change", "delete", "history"):
        assert admin_client.get(f"/admin/app/curation/{typed}/{way}/").status_code in (302, 404)
    assert admin_client.get(f"/admin/app/curation/?pk={typed}").status_code in (200, 302)
    assert not Curation.objects.exists()


def test_a_million_forms_are_one(admin_client, movies):
    many = {"curation-TOTAL_FORMS": "1000000", "curation-INITIAL_FORMS": "0"}
    page = admin_client.post(MOVIE, many)
    assert "Please submit at most 1 form" in complaints(page)
    assert len(page.content) < 50_000
