"""/movies/: the same list for people."""

import re
from html import unescape

import pytest

from app.models import RecommendationData
from tests.site.factories import curate, make_movie, make_ranking, make_run, rate

pytestmark = pytest.mark.django_db


def chosen(page):
    """The boxes that are ticked."""
    return re.findall(r'name="genre"[^>]* value="([^"]+)" checked', page)


def test_the_page_shows_the_ranking_and_leads_on(client):
    run = make_run()
    movies = make_ranking(run, 51)
    curate(movies[50], pinned_position=3)
    page = client.get("/movies/").content.decode()
    assert "1–50 of 51 movies" in page
    assert page.index("Movie 1<") < page.index("Movie 51<") < page.index("Movie 3<")
    assert f"?offset=50&amp;run={run.pk}" in page
    assert "Pinned" in page


def test_the_page_is_a_page_to_every_client(client):
    make_run()
    response = client.get("/movies/", headers={"Accept": "application/json"})
    assert response.headers["Content-Type"].startswith("text/html")


def test_the_form_keeps_what_was_asked(client):
    run = make_run()
    rate(run, make_movie(1, year=1994, genres=("War",)))
    page = client.get("/movies/?genre=War&year_from=1990&min_ratings=5").content.decode()
    assert chosen(page) == ["War"]
    assert 'value="1990" name="year_from"' in page
    assert "Movie 1" in page


def test_nothing_found_is_said_kindly(client):
    rate(make_run(), make_movie(1))
    assert "No movie fits" in client.get("/movies/?year_from=2050").content.decode()


def test_a_bad_parameter_is_a_400_page(client):
    make_run()
    response = client.get("/movies/?year_from=soon")
    assert response.status_code == 400
    assert response.headers["Content-Type"].startswith("text/html")
    assert "year_from" in response.content.decode()


def test_a_former_run_is_called_so(client):
    former = make_run("superseded")
    make_run()
    page = client.get(f"/movies/?run={former.pk}").content.decode()
    assert f"This is run {former.pk}, not the current one." in page


def test_before_the_first_run_the_page_says_why(client):
    response = client.get("/movies/")
    assert response.status_code == 503
    assert "run the batch job" in response.content.decode()


def test_the_form_has_the_orders_that_the_run_has_and_another_one_is_told(client):
    row = rate(make_run(), make_movie(1))
    assert 'value="trending"' not in client.get("/movies/").content.decode()
    assert "so this is the ranking" in client.get("/movies/?order=trending").content.decode()
    RecommendationData.objects.filter(movie_id=row.movie_id).update(trend=3.5)
    make_run("superseded")  # so the catalogue is another one
    page = client.get("/movies/?order=trending").content.decode()
    assert '<option value="trending" selected>' in page
    assert "so this is the ranking" not in page


def test_a_filter_that_holds_can_be_taken_away(client):
    run = make_run()
    make_ranking(run, 3, genres=("War", "Drama"), year=1994)
    query = "genre=-Western&genre=War&q=movie&year_from=1990&year_to=1999&min_ratings=7"
    make_movie(9, genres=("Western",))
    page = client.get(f"/movies/?{query}&offset=1&limit=1").content.decode()
    links = {
        label.strip(): unescape(address)
        for address, label in re.findall(
            r'data-list href="\?([^"]*)"><span[^>]*>Take away: </span>(.*?) <span', page
        )
    }
    rest = "genre=-Western&genre=War&limit=1"
    assert links == {
        "“movie”": f"{rest}&min_ratings=7&year_from=1990&year_to=1999",
        "Not Western": "genre=War&limit=1&min_ratings=7&q=movie&year_from=1990&year_to=1999",
        "War": "genre=-Western&limit=1&min_ratings=7&q=movie&year_from=1990&year_to=1999",
        "1990s": f"{rest}&min_ratings=7&q=movie",
        "7 ratings or more": f"{rest}&q=movie&year_from=1990&year_to=1999",
    }


def test_what_fits_nothing_says_what_to_loosen(client):
    make_ranking(make_run(), 2, genres=("War",))
    page = client.get("/movies/?genre=War&year_from=2050").content.decode()
    assert "Take away: </span>War" in page
    assert "Take away: </span>From 2050" in page
    assert 'href="?genre=War&amp;min_ratings=0&amp;year_from=2050"' in page
    assert 'href="?"' in page


def test_decades_are_those_of_ranked_movies_and_lead_in_and_out(client):
    run = make_run()
    rate(run, make_movie(1, year=1994, genres=("War",)), rank=1)
    rate(run, make_movie(2, year=2004), rating_count=3)
    page = client.get("/movies/?genre=War").content.decode()
    assert re.findall(r">(\d+s)</a>", page) == ["1990s"]
    assert 'href="?genre=War&amp;year_from=1990&amp;year_to=1999">1990s' in page
    page = client.get("/movies/?genre=War&year_from=1990&year_to=1999").content.decode()
    assert 'href="?genre=War" aria-current="true">1990s' in page
    assert '<details id="further">' in page


@pytest.mark.parametrize("query", ["year_from=1990", "limit=20", "order=year", "genre=-War"])
def test_more_filters_are_open_where_one_holds(client, query):
    make_ranking(make_run(), 1, genres=("War",))
    assert '<details id="further" open>' in client.get(f"/movies/?{query}").content.decode()
    assert '<details id="further">' in client.get("/movies/?genre=War&q=x").content.decode()


def test_a_row_tells_the_change_of_its_rank_in_words(client):
    before = make_run("superseded")
    run = make_run()
    movies = [make_movie(n, genres=("War",) if n > 1 else ()) for n in (1, 2, 3, 4)]
    for movie, (old, new) in zip(movies, [(2, 1), (1, 2), (3, 3), (None, 4)], strict=True):
        if old:
            rate(before, movie, 5 - old / 10, rank=old)
        rate(run, movie, 5 - new / 10, rank=new)
    page = client.get("/movies/").content.decode()
    assert [n for n in ("up 1 place<", "down 1 place<", ">new<") if page.count(n) == 1] == [
        "up 1 place<",
        "down 1 place<",
        ">new<",
    ]
    assert "better than" not in page
    page = client.get("/movies/?genre=War").content.decode()
    assert re.findall(r">(#\d in War|better than \d+%)<", page) == [
        *("#1 in War", "better than 50%"),
        *("#2 in War", "better than 25%"),
        *("#3 in War", "better than 0%"),
    ]
