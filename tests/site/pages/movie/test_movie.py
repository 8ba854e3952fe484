"""/movies/<id>/: what the page says of a movie, also of one without a rank or without ratings."""

import pytest

from app.models import Movie
from tests.site.factories import curate, make_movie, make_ranking, rate
from tests.site.pages.movie.page import data_of, look, rated

pytestmark = pytest.mark.django_db


def test_a_movie_is_named_as_people_say_it_and_found_under_its_spelling(client, run):
    rated(run)
    page = look(client)
    assert '<h1 lang="en">The Godfather</h1>' in page
    assert "MovieLens title:" in page
    assert "Godfather, The" in page


def test_links_lead_to_the_movie_elsewhere_where_the_data_say_where(client, run):
    rated(run)
    Movie.objects.filter(pk=7).update(imdb_id="0068646", tmdb_id="238", tags=["mafia", "classic"])
    make_movie(8)
    page = look(client)
    for address in (
        "www.imdb.com/title/tt0068646/",
        "www.themoviedb.org/movie/238",
        "movielens.org/movies/7",
    ):
        assert f'href="https://{address}"' in page
    assert "mafia · classic" in page
    assert "People tag it" not in (other := look(client, "/movies/8/"))
    # Ratings of other things have ids of their own.
    assert "movielens.org" not in other


def test_its_places_in_genres_and_decade_lead_to_their_lists(client, run):
    rated(run, rank=2)
    rate(run, make_movie(8, year=1975, genres=("Crime",)), 4.5, rank=1)
    rate(run, make_movie(9, year=1999, genres=("Drama",)), 3.9, rank=3)
    rate(run, make_movie(10, year=1971, genres=("Crime",)), 4.9, rating_count=3)
    page = look(client)
    chip = '<a class="chip" href="/movies/?{}">{}</a>'
    assert chip.format("genre=Crime", "Crime · #2 of 2") in page
    assert chip.format("genre=Drama", "Drama · #1 of 2") in page
    assert chip.format("year_from=1970&amp;year_to=1979", "1970s · #2 of 2") in page
    assert "rank <strong>2</strong> of 3 · better than 33% of movies" in page
    assert client.get("/movies/?genre=Crime").status_code == 200


def test_a_movie_without_a_rank_says_what_it_takes(client, run):
    make_ranking(run, 3)
    rated(run, rank=None, rating_count=2, avg_rating=4.5, half_stars_8=0, half_stars_9=2)
    page = look(client)
    assert "<strong>not ranked</strong>: it has 2 ratings, and a rank needs 50" in page
    assert "48 more ratings, and it gets a rank." in page
    assert "How the score came about" in page
    assert "#1 of" not in page
    assert ">Crime</a>" in page
    assert "better than" not in page


def test_a_movie_of_one_rating_is_no_crowd(client, run):
    rated(run, rank=None, rating_count=1, avg_rating=4.5)
    page = look(client)
    assert "One person gave it 4.50 stars." in page
    assert "it has one rating, and" in page


def test_a_movie_without_ratings_has_no_score_and_no_charts(client, run):
    make_movie(7, genres=("War",))
    page = look(client)
    assert "Nobody has rated it yet" in page
    assert "<svg" not in page
    assert '<a class="chip" href="/movies/?genre=War">War</a>' in page
    assert "aggregateRating" not in page
    assert data_of(page)["name"] == "Movie 7"


def test_a_pinned_movie_says_that_a_curator_placed_it(client, run):
    curate(rated(run), pinned_position=3)
    assert "A curator has put it at a fixed place in the list." in look(client)


def test_a_public_note_is_shown_as_text(client, run):
    curate(rated(run), public_note="Back in <b>cinemas</b>", note="for curators alone")
    curate(make_movie(8), note="for curators alone")
    page = look(client)
    assert "Back in &lt;b&gt;cinemas&lt;/b&gt;" in page
    assert "for curators alone" not in page
    assert "curator" not in look(client, "/movies/8/")


@pytest.mark.parametrize("address", ["/movies/8/", "/movies/99999999999999999999/", "/movies/x/"])
def test_a_page_that_is_not_there_is_a_page(client, run, address):
    response = client.get(address, headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")
