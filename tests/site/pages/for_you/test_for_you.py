"""/for-you/: what a visitor says is in the address, and every click leads to another one."""

import re
from html import unescape

import pytest

from app.models import Movie, MovieGenre
from tests.site.factories import curate, make_ranking, make_run

pytestmark = pytest.mark.django_db
URL = "/for-you/"


def page(client, query="", status=200):
    response = client.get(f"{URL}{query}", headers={"accept": "text/html"})
    assert response.status_code == status, response.content
    return response.content.decode()


def listed(text):
    """The movies of the list, in its order."""
    rows = text.partition('<ol class="picks"')[2]
    return [int(id_) for id_ in re.findall(r'class="title" lang="en" href="/movies/(\d+)/"', rows)]


def links(text, words):
    """The addresses behind some words."""
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>([^<]*)', text)
    return [unescape(address) for address, said in found if words in said]


def test_who_names_nothing_is_shown_well_known_movies_to_tap(client, fitted):
    for movie in Movie.objects.filter(pk__in=(1, 2, 12)):
        MovieGenre.objects.create(movie=movie, genre="Drama")  # nothing follows from movie 12
    fitted.prior_mean = 3.0
    fitted.save()
    text = page(client)
    assert "Or tap those you love" in text
    assert '<ol class="picks"' not in text
    assert re.findall(r'<li><a href="\?(like=\d+)"', text) == ["like=1", "like=2"]


def test_who_names_movies_gets_what_follows_with_its_reasons(client, fitted):
    text = page(client, "?like=1,2")
    assert listed(text)[:3] == [9, 8, 7]
    assert "Because of" in text
    whys = re.findall(r'<p class="why">(.*?)</p>', text, re.DOTALL)
    assert re.findall(r"<span lang=\"en\">(.*?)</span>", whys[0]) == ["Movie 1"]
    assert "100%" in whys[0]
    assert "the ranking continues here" in text


def test_each_movie_can_be_loved_seen_or_refused_by_a_link(client, fitted):
    text = page(client, "?like=1")
    assert links(text, "Love it")[0] == "?like=1,9"
    assert links(text, "Seen it")[0] == "?like=1&seen=9"
    assert links(text, "Not for me")[0] == "?like=1&rated=9:1.0"
    for query in ("?like=1&seen=9", "?like=1&rated=9:1.0", "?like=1,9"):
        assert 9 not in listed(page(client, query))


def test_what_was_seen_comes_back_by_a_link(client, fitted):
    text = page(client, "?like=1&seen=8,9")
    assert 'href="?like=1&amp;seen=9" aria-label="Take out Movie 8"' in text
    assert 'href="?like=1&amp;seen=8" aria-label="Take out Movie 9"' in text


def test_a_movie_is_rated_by_a_form_and_taken_out_by_a_link(client, fitted):
    text = page(client, "?like=1,2&rate=1:4.5")
    assert '<option value="1:4.5" selected>' in text
    assert 'name="rated" value="1:4.5"' in text
    assert 'href="?rated=1:4.5" aria-label="Take out Movie 2"' in text
    assert 'href="?like=2" aria-label="Take out Movie 1"' in text


def test_years_narrow_the_list_and_stay_when_more_is_said(client, fitted):
    text = page(client, "?like=1&year_from=2008")
    assert listed(text) == [9, 8, 10, 11, 12]
    assert links(text, "Love it")[0] == "?like=1,9&year_from=2008"


def test_safe_and_surprising_lists_are_ordered_differently(client, fitted):
    assert 'value="1.0" selected' in page(client, "?like=1&novelty=1")
    assert 'value="0.5" selected' in page(client, "?like=1")


def test_a_title_without_script_is_looked_for_and_tapped(client, fitted):
    text = page(client, "?like=1&q=movie+1")
    assert '<a href="?like=1,12">' in text
    assert "No movie has the words “nothing”" in page(client, "?q=nothing")


@pytest.mark.parametrize(
    "query", ["?like=999", "?seen=999", "?rated=999:4", "?like=1,1", "?rate=1:9", "?novelty=2"]
)
def test_what_makes_no_sense_is_refused(client, fitted, query):
    text = page(client, query, 400)
    assert 'href="/for-you/"' in text


def test_only_what_is_unknown_is_taken_out(client, fitted):
    text = page(client, "?like=1,2,999&seen=3,998&novelty=1", 400)
    assert 'href="/for-you/?like=1,2&amp;novelty=1.0&amp;seen=3"' in text


def test_a_hidden_movie_cannot_be_named(client, fitted):
    curate(Movie.objects.get(pk=1), hidden=True)
    page(client, "?like=1", 400)
    assert 1 not in listed(page(client, "?like=2"))


def test_a_run_without_models_says_so(client):
    make_ranking(make_run(), 3)
    text = page(client, "?like=1")
    assert "This run has no models" in text
    assert listed(text) == [2, 3]
