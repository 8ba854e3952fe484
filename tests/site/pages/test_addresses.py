"""Each page has one address: what links collect on their way is left out, so is what is empty."""

import pytest

from app.pages.addresses import TRACKING, TRACKING_PREFIXES
from tests.site.factories import make_movie, make_ranking, make_run, rate

pytestmark = pytest.mark.django_db
BROWSER = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def run():
    run = make_run()
    make_ranking(run, 5, genres=("War", "Drama"))
    return run


def get(client, address):
    return client.get(address, headers=BROWSER)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("/?utm_source=x", "/"),
        ("/movies/?utm_id=a&genre=War&fbclid=b&genre=-Drama", "/movies/?genre=War&genre=-Drama"),
        ("/movies/?UTM_Medium=x&q=a%26b+c", "/movies/?q=a%26b+c"),
        ("/movies/?utm%5Fsource=%E9%FF&q=%E5%AD%97", "/movies/?q=%E5%AD%97"),
        ("/movies/?q=&genre=&year_from=1990&min_ratings=+&order=", "/movies/?year_from=1990"),
        ("/movies/?", None),
        ("/movies/?&q=x&", "/movies/?q=x"),
        ("/movies/1/?ref=home&run=", "/movies/1/"),
        ("/dashboard/?gclid=1&gclid=2", "/dashboard/"),
        ("/api/docs/?mc_cid=1", "/api/docs/"),
        ("/movies/?utm_source=x&foo=1", "/movies/?foo=1"),
    ],
)  # fmt: skip
def test_a_page_leads_to_its_canonical_address(client, given, canonical):
    answer = get(client, given)
    if canonical is None:
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer["Location"]) == (301, canonical)
    assert answer["Cache-Control"] == "max-age=86400"
    assert get(client, canonical).status_code in (200, 400)
    assert client.head(given, headers=BROWSER).status_code == 301


def test_every_name_on_the_list_is_left_out(client):
    for name in (*TRACKING, *(f"{prefix}x" for prefix in TRACKING_PREFIXES)):
        assert get(client, f"/movies/?{name}=1&q=x")["Location"] == "/movies/?q=x", name


@pytest.mark.parametrize("name", ["utm_source", "fbclid", "ref"])
def test_json_refuses_them_as_ever(client, name):
    for address in ("/recommendations/", "/stats/", "/health/", "/api/genres/"):
        answer = client.get(f"{address}?{name}=x", headers=BROWSER)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == name
    assert client.get("/recommendations/?genre=").status_code == 400


def test_other_unknown_parameters_are_told_beside_the_form(client):
    page = get(client, "/movies/?colour=red&q=heat&genre=War&year_from=1990")
    text = page.content.decode()
    assert page.status_code == 400
    assert "This page does not know “colour”: take it out of the address." in text
    assert 'value="heat" name="q"' in text
    assert 'value="War" checked' in text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("year_from=soon", "From year: “soon” is not a whole number from 1800 to 2100."),
        ("min_ratings=-5", "Minimum number of ratings: “-5” is not a whole number of 0 or more."),
        ("genre=war", "Genre: there is no “war”; choose one from the list."),
        ("order=random", "Order: there is no “random”; choose one from the list."),
        ("limit=0", "Movies per page: “0” is not a whole number from 1 to 100."),
        ("q=" + "x" * 101, "Title: at most 100 characters, please."),
        ("year_to=1&year_to=2", "To year: this is in the address twice"),
        ("q=%E9", "is not readable as text (UTF-8)."),
        ("genre=War" + "&genre=Drama" * 20, "Genre: at most 20, please."),
        ("offset=-1", "Movies to skip: “-1” is not a whole number from 0 to 1000000."),
    ],
)
def test_a_complaint_is_in_the_words_of_the_form_and_keeps_what_was_typed(client, query, sentence):
    page = get(
        client, f"/movies/?{query}&min_ratings=7" if "min" not in query else f"/movies/?{query}"
    )
    text = page.content.decode()
    assert page.status_code == 400
    assert sentence in text
    assert "must be" not in text
    assert 'value="7"' in text or 'value="-5"' in text


def test_a_run_that_is_not_kept_is_told_beside_the_form_too(client, run):
    page = get(client, "/movies/?run=999&q=x")
    assert page.status_code == 404
    assert f"run “999” has no rows to show; these have: {run.pk}." in page.content.decode()


def test_a_page_without_a_form_offers_itself_without_what_is_wrong(client):
    page = get(client, "/dashboard/?verbose=1&run=x")
    text = page.content.decode()
    assert page.status_code == 400
    assert "This page does not know “verbose”" in text
    assert '<a class="button" href="/dashboard/">Show the page without it</a>' in text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("genre=-War", 'value="-War" checked>War</label>'),
        ("genre=War&genre=Drama", 'value="Drama" checked>Drama</label>'),
        ("genre=-War&genre=-Drama", 'value="-Drama" checked>Drama</label>'),
        ("limit=20", '<option value="20" selected>20</option>'),
        ("limit=7", '<option value="7" selected>7</option>'),
        ("limit=50", '<option value="" selected>50</option>'),
        ("order=year", '<option value="year" selected>'),
    ],
)
def test_what_the_address_asks_for_is_in_the_form(client, query, shown):
    assert shown in get(client, f"/movies/?{query}").content.decode()


def test_the_size_of_a_page_holds_on_the_next_one(client, run):
    page = get(client, "/movies/?limit=2").content.decode()
    assert f'href="?limit=2&amp;offset=2&amp;run={run.pk}&amp;version=' in page


def test_past_the_end_is_said_with_the_ways_back(client, run):
    page = get(client, "/movies/?offset=900&limit=2").content.decode()
    assert "No movie fits" not in page
    assert "It has 5 movies; this address begins at number 901." in page
    assert f'href="?limit=2&amp;run={run.pk}&amp;version=' in page
    assert f'href="?limit=2&amp;offset=3&amp;run={run.pk}&amp;version=' in page


def test_places_and_ranks_are_told_apart(client, run):
    rate(run, make_movie(9), 4.99, rating_count=3)
    page = get(client, "/movies/?min_ratings=0&order=year").content.decode()
    assert "Not ranked: fewer than 50 ratings." in page
    assert 'class="place">Place</th>' in page
    assert "fewer than" not in get(client, "/movies/").content.decode()
