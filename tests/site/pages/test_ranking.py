"""/movies/: the same list for people."""

import pytest

from app.models import RecommendationData
from tests.site.factories import curate, make_movie, make_ranking, make_run, rate

pytestmark = pytest.mark.django_db


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
    assert '<option value="War" selected>' in page
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
