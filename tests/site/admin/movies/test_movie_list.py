"""The list that curators decide in: the ranking's order, narrowed, and what may be done there."""

import html
import re
from concurrent.futures import Future
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from app.models import Curation, CurationChange
from tests.site.admin.pages import LIST, bulk, confirm, listed, press
from tests.site.admin.people import member
from tests.site.factories import curate, make_movie, make_ranking, make_run, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return member("anna", "curator")


def rows(client, query=""):
    """Movie id -> the words of its row, in the order of the page."""
    page = client.get(f"{LIST}{query}")
    assert page.status_code == 200
    table = re.search(r'<table id="result_list">.*?</table>', page.content.decode(), re.S)
    found = re.findall(r"<tr>(.*?)</tr>", table[0], re.S)[1:] if table else []
    return {
        int(re.search(r'value="(\d+)"', one)[1]): " ".join(
            html.unescape(re.sub("<[^>]+>", " ", one)).split()
        )
        for one in found
    }


def some_movies():
    """A ranking of two runs, a movie below the floor and one without ratings."""
    before = make_run("superseded")
    run = make_run()
    movies = [
        make_movie(1, "Alien", 1979, ("Horror",)),
        make_movie(2, "Amélie", 2001, ("Romance",)),
        make_movie(3, "Matrix, The", 1999, ("Action",)),
        make_movie(4, "Heat", 1995, ("Action",)),
        make_movie(5, "Unrated", 1995),
    ]
    for rank, movie in enumerate((movies[2], movies[0], movies[3]), start=1):
        rate(before, movie, 5 - rank / 10, rank=rank)
    for rank, movie in enumerate(movies[:3], start=1):
        rate(run, movie, 5 - rank / 10, rank=rank, lower_bound=3.5, upper_bound=4.5)
    rate(run, movies[3], 4.9, rank=None, rating_count=9)
    return movies


def test_movies_stand_in_the_order_of_the_ranking_with_what_the_run_says(curator):
    some_movies()
    found = rows(curator)
    assert list(found) == [1, 2, 3, 4, 5], "below the floor and without ratings come last"
    assert found[1].startswith("Alien 1979 Horror 1 ▲ 1 places up 4.90 3.50–4.50 100")
    assert "The Matrix 1999 Action 3 ▼ 2 places down" in found[3]
    assert "Heat 1995 Action left, was 3 4.90 9" in found[4]
    assert "Unrated 1995 – – 0" in found[5]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("?q=amelie", [2]),
        ("?q=the+matrix", [3]),
        ("?q=zyz", []),
        ("?genre=Action", [3, 4]),
        ("?genre=Nothing", [1, 2, 3, 4, 5]),
        ("?decade=1990", [3, 4, 5]),
        ("?decade=1990&genre=Action&q=he", [4]),
        ("?moved=entered", [2]),
        ("?moved=left", [4]),
        ("?decision=hidden", [2]),
        ("?decision=pinned", [4]),
        ("?decision=noted", [3, 5]),
        ("?decision=any", [2, 3, 4, 5]),
        ("?decision=expiring", [4]),
        ("?decision=expired", [1]),
        ("?decision=noted&decade=1990", [3, 5]),
    ],
)
def test_the_list_is_narrowed(curator, query, ids):
    movies = some_movies()
    curate(movies[0], hidden=True, until=timezone.now() - timedelta(days=1))
    curate(movies[1], hidden=True)
    curate(movies[2], note="why")
    curate(movies[3], pinned_position=2, until=timezone.now() + timedelta(days=6))
    curate(movies[4], public_note="read", until=timezone.now() + timedelta(days=8))
    assert list(rows(curator, query)) == ids


def test_a_pin_that_readers_do_not_see_is_told_with_its_reason(curator):
    movies = some_movies()
    curate(movies[4], pinned_position=1)
    curate(movies[0], pinned_position=90)
    curate(movies[3], pinned_position=2)
    found = rows(curator)
    assert "pinned at 1 has no ratings in this run" in found[5]
    assert "pinned at 90 the ranking is shorter than that" in found[1]
    assert "pinned at 2 Hide" in found[4], "below the floor, but there"
    page = curator.get(f"{LIST}?genre=Action").content.decode()
    assert re.search(r"1: <span[^>]*>Unrated</span>, has no ratings", page)
    assert re.search(r"90: <span[^>]*>Alien</span>, does not pass the filter", page)


def test_a_movie_is_decided_about_from_its_row(curator):
    make_ranking(make_run(), 3)
    address = re.search(
        r'href="(/admin/app/movie/decide/hide/\?movies=2)"', curator.get(LIST).content.decode()
    )[1]
    page = curator.get(address)
    assert "Readers see 3 movies in the ranking now, and <strong>2</strong>" in (
        page.content.decode()
    )
    confirm(curator, page)
    assert listed(curator) == [1, 3]


def test_movies_are_pinned_together_and_what_changes_is_shown_before(curator):
    movies = make_ranking(make_run(), 6)
    curate(movies[0], pinned_position=2)
    asked = bulk(curator, "pin", [5, 4])
    assert "2 movies are selected" in asked.content.decode()
    page = press(curator, asked, {"show": "yes"}, position="2")
    text = page.content.decode()
    assert "position 2 is taken by “Movie 1 (2000)”" in text
    page = press(curator, page, {"show": "yes"}, position="3")
    shown = " ".join(re.sub("<[^>]+>", " ", page.content.decode()).split())
    assert "Movie 4 (2000) 4 4 3 no decision pinned at 3" in shown
    assert "Movie 5 (2000) 5 5 4 no decision pinned at 4" in shown
    assert not Curation.objects.filter(movie_id__in=[4, 5]).exists(), "it asks first"
    (message,) = confirm(curator, page, position="3")
    assert "2 decisions were changed." in message
    assert listed(curator) == [2, 1, 4, 5, 3, 6]


def test_another_value_than_was_shown_is_shown_before_it_is_done(curator):
    make_ranking(make_run(), 3)
    page = press(curator, bulk(curator, "pin", [3]), {"show": "yes"}, position="1")
    (warning,) = confirm(curator, page, position="2")
    assert "This has changed since you looked at it" in warning
    assert not Curation.objects.exists()


def test_what_readers_will_see_is_a_click_away(curator):
    make_ranking(make_run(), 60)
    page = press(curator, bulk(curator, "pin", [9]), {"show": "yes"}, position="1")
    readers = press(curator, page, {"preview": "0"}, position="1")
    text = " ".join(re.sub("<[^>]+>", " ", readers.content.decode()).split())
    assert "60 movies will be in the ranking. Nothing has been changed yet." in text
    assert "1 Movie 9 (2000) 9 pinned changed 2 Movie 1 (2000) 1" in text
    further = press(curator, readers, {"preview": "50"}, position="1").content.decode()
    assert "Movie 60 (2000)" in further
    confirm(curator, readers, position="1")
    assert listed(curator)[:2] == [9, 1]


def test_notes_and_ends_are_given_to_several_and_a_past_end_is_refused(curator):
    make_ranking(make_run(), 3)
    page = press(curator, bulk(curator, "public_note", [1, 2]), {"show": "1"}, public_note="读 🎬")
    confirm(curator, page, public_note="读 🎬")
    assert curator.get("/api/movies/2/").json()["public_note"] == "读 🎬"
    asked = bulk(curator, "until", [1, 2, 3])
    page = press(curator, asked, {"show": "yes"}, until_0="2020-01-01", until_1="")
    assert "This is in the past" in page.content.decode()
    day = (timezone.now() + timedelta(days=3)).date()
    page = press(curator, page, {"show": "yes"}, until_0=day.isoformat(), until_1="")
    assert "Movie 3 (2000): has no decision" in page.content.decode()
    confirm(curator, page, until_0=day.isoformat(), until_1="")
    assert {row.until.date() for row in Curation.objects.all()} == {day}


def test_the_second_of_two_curators_is_told_what_the_first_changed(curator, admin_client):
    make_ranking(make_run(), 3)
    mine, theirs = bulk(admin_client, "hide", [1, 2]), bulk(curator, "hide", [2])
    confirm(curator, theirs)
    (warning,) = confirm(admin_client, mine)
    assert "anna on " in warning
    assert "Movie 2 (2000): no decision → hidden." in warning
    assert set(Curation.objects.values_list("movie_id", flat=True)) == {2}


def test_a_filter_is_kept_when_something_was_decided(curator):
    some_movies()
    page = bulk(curator, "hide", [4], page=f"{LIST}?genre=Action")
    answer = press(curator, page, {"confirmed": "yes"})
    assert answer.redirect_chain[-1][0] == f"{LIST}?genre=Action"


def test_all_that_a_filter_finds_can_be_chosen(curator):
    some_movies()
    page = bulk(curator, "hide", [3], page=f"{LIST}?genre=Action", select_across="1", index="0")
    confirm(curator, page)
    assert set(Curation.objects.values_list("movie_id", flat=True)) == {3, 4}


def test_a_page_has_50_rows_or_200_which_can_all_be_ticked(curator):
    make_ranking(make_run(), 260)
    assert len(rows(curator)) == len(rows(curator, "?rows=7")) == 50
    page = curator.get(f"{LIST}?p=2").content.decode()
    there = html.unescape(re.search(r'href="([^"]*)">200 movies on a page', page)[1])
    assert there == "?rows=200"
    ids = list(rows(curator, there))
    assert len(ids) == 200 and len(rows(curator, f"{there}&p=2")) == 60
    assert "movies on a page" not in curator.get(f"{LIST}?q=zyz").content.decode()
    asked = bulk(curator, "hide", ids, page=f"{LIST}{there}")
    confirm(curator, asked)
    assert Curation.objects.filter(hidden=True).count() == 200


def test_the_history_is_narrowed_by_curator_movie_and_way(curator, admin_client):
    make_ranking(make_run(), 3)
    confirm(curator, bulk(curator, "hide", [1, 2]))
    confirm(admin_client, bulk(admin_client, "withdraw", [2]))
    anna = User.objects.get(username="anna")

    def told(query):
        page = curator.get(f"/admin/app/curationchange/{query}").content.decode()
        return re.findall(r'<td class="field-what">([^<]*)', page)

    assert told("") == ["hidden → no decision", *["no decision → hidden"] * 2]
    assert told(f"?curator={anna.pk}") == ["no decision → hidden"] * 2
    assert told("?movie=2") == ["hidden → no decision", "no decision → hidden"]
    assert told("?q=movie+1") == ["no decision → hidden"]
    assert told("?way__exact=import") == []


def test_one_entry_is_undone_alone_by_its_link(curator):
    make_ranking(make_run(), 3)
    confirm(curator, bulk(curator, "hide", [1, 2, 3]))
    entry = CurationChange.objects.get(movie_id=2)
    undo = f"/admin/app/curationchange/undo/{entry.batch}/?entry={entry.pk}"
    confirm(curator, curator.get(undo))
    assert listed(curator) == [2]
    assert curator.get(f"{undo}9").status_code == 404
    assert curator.post(f"/admin/app/curationchange/{entry.pk}/delete/").status_code == 403


def test_while_the_run_is_being_loaded_the_list_asks_to_come_back(
    curator, site_watcher, monkeypatch
):
    make_ranking(make_run(), 1)
    monkeypatch.setattr("app.serving.watcher.LOAD_PATIENCE_SECONDS", 0)
    monkeypatch.setattr(site_watcher._store, "submit", lambda task: Future())
    curator.raise_request_exception = False
    answer = curator.get(LIST, headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "try again in a moment" in answer.content.decode()
