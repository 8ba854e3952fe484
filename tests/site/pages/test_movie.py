"""/movies/<id>/: what the page says of a movie, also of one without a rank or without ratings."""

import json
import re
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection

from app.catalogue.loader import load_ranks, load_runs
from app.catalogue.movies.explanation import Explanation
from app.models import Movie, Run
from app.pages.movie.score_terms import score_terms
from spark_jobs import contract
from tests.site.factories import (
    curate,
    make_models,
    make_movie,
    make_ranking,
    make_run,
    make_similar,
    make_weights,
    rate,
)
from tests.support.packing import pack

pytestmark = pytest.mark.django_db
HOSTILE = "</script><b>\"'& Bad, The"


@pytest.fixture
def run():
    return make_run(prior_mean=3.5, prior_weight=20.0)


def look(client, address="/movies/7/"):
    """The page as it is read: white space is one space."""
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def data_of(page):
    """The structured data, which must be one script element that ends where it should."""
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return json.loads(found)


def rated(run, **overrides):
    """The Godfather, 129 ratings of 4.26."""
    movie = make_movie(7, "Godfather, The", 1972, ("Crime", "Drama"))
    row = {"rank": 1, "rating_count": 129, "avg_rating": 4.26, "lower_bound": 4.06}
    rate(run, movie, 4.158, **row | {"upper_bound": 4.25} | overrides)
    return movie


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
    assert "rank <strong>2</strong> of 3 · better than 33 % of movies" in page
    assert client.get("/movies/?genre=Crime").status_code == 200


def test_the_formula_has_the_movies_own_numbers_and_adds_up(client, run):
    rated(run)
    page = look(client)
    assert "Why rank 1" in page
    assert "129 people gave it 4.26 stars on average." in page
    assert "20 imaginary ratings of 3.50" in page
    assert "(129 × 4.26 + 20 × 3.50) ÷ 149 = <strong>4.16</strong>" in page
    assert "87 % of the score is the movie's own" in page
    assert "from 4.06 to 4.25" in page
    assert "style=" not in page


@pytest.mark.parametrize(
    ("n", "own", "prior", "m"),
    [
        (129, 4.2592, 3.5016, 20), (1, 5.0, 3.5016, 50), (329, 4.429, 3.501557, 3.14159),
        (999, 3.3349, 3.4951, 2000),
    ],
)  # fmt: skip
def test_who_computes_what_is_written_gets_the_score(n, own, prior, m):
    score = (n * own + m * prior) / (n + m)
    terms = score_terms(explanation(n=n, R=own, C=prior, m=m, weighted_rating=score))
    own, prior = (round(mean, terms.decimals) for mean in (own, prior))
    assert 2 <= terms.decimals <= 4
    assert round((n * own + m * prior) / (n + m), 2) == round(score, 2)
    assert 1 <= terms.percent <= 99


def explanation(**terms):
    names = ("lower_bound", "upper_bound", "trend", "rank", "previous_run", "previous_rank")
    rest = dict.fromkeys((*names, "rank_change"))
    weight = terms["n"] / (terms["n"] + terms["m"])
    return Explanation(**rest, **terms, weight=weight, genre_ranks={})


def test_values_are_written_on_the_marks_and_stand_in_tables(client, run):
    rated(run, half_stars_8=100, half_stars_10=29)
    page = look(client)
    assert '<text class="value" ' in page
    assert '<td class="number">100</td><td class="number">78 %</td>' in page
    assert (
        page.count('<details class="as-table">') == 2
    )  # without other runs and months, the last two have no data
    assert page.count('role="img"') == 2


def test_ratings_by_year_are_drawn_where_the_run_has_them(client, run):
    months = pack(contract.MONTHS, [(27 * 12, 4), (29 * 12 + 11, 6)])
    rated(run, months=months)
    page = look(client)
    assert "When people rated it" in page
    assert '<th scope="row">1998</th><td class="number">0</td>' in page
    assert '<th scope="row">1999</th><td class="number">6</td>' in page


# Other runs


def test_the_rank_is_followed_over_the_kept_runs_with_what_changed(client):
    movie = make_movie(7)
    rate(make_run("superseded", purged_at="2026-01-01T00:00:00Z"), movie, rank=90)
    first = make_run("superseded", prior_weight=50.0)
    rate(first, movie, rank=14)
    second = make_run(prior_weight=20.0, min_ratings=10)
    rate(second, movie, rank=7)
    page = look(client)
    assert f"up 7 since run {first.pk}" in page
    assert f'href="/runs/{first.pk}/diff/{second.pk}/"' in page
    assert "the imaginary ratings per movie went from 50 to 20" in page
    assert "the ratings needed for a rank went from 50 to 10" in page
    assert "Its rank, run by run" in page
    assert f"Run {first.pk}: rank 14" in page
    assert f"Run {second.pk}: rank 7" in page
    assert "rank 90" not in page


def test_a_run_that_was_purged_or_replaced_meanwhile_is_left_out(client):
    movie = make_movie(7)
    runs = [make_run("superseded"), make_run("superseded"), make_run()]
    for run in runs:
        rate(run, movie, rank=run.pk)
    known = load_runs()
    assert load_ranks(known, 7) == {run.pk: run.pk for run in runs}
    Run.objects.filter(pk=runs[0].pk).update(purged_at="2026-01-01T00:00:00Z")
    Run.objects.filter(pk=runs[1].pk).update(started_at="2026-01-01T00:00:00Z")
    assert load_ranks(known, 7) == {runs[2].pk: runs[2].pk}


def test_a_movie_that_lost_or_won_its_rank_says_so(client):
    movie, other = make_movie(7), make_movie(8)
    before = make_run("superseded")
    rate(before, movie, rank=5)
    rate(before, other, rating_count=2)
    run = make_run()
    rate(run, movie, rating_count=3)
    rate(run, other, rank=1)
    page = look(client)
    assert f"in run {before.pk} it was rank 5" in page
    assert "run by run" not in page
    assert f"new in the ranking since run {before.pk}" in look(client, "/movies/8/")


def test_an_earlier_run_is_shown_as_such_and_stays_in_its_links(client):
    before = make_run("superseded")
    movie = make_movie(7, genres=("War",))
    rate(before, movie, rank=1)
    rate(make_run(), movie, rank=1)
    page = look(client, f"/movies/7/?run={before.pk}")
    assert f"run {before.pk}" in page
    assert f'href="/movies/?genre=War&amp;run={before.pk}"' in page
    assert '<link rel="canonical" href="http://testserver/movies/7/">' in page


# How it is served


def test_a_page_asks_once_for_the_kept_runs_and_a_known_one_not_at_all(
    client, django_assert_num_queries
):
    movie = make_movie(7)
    for status in ("superseded", "current"):
        rate(make_run(status), movie, rank=1)
    client.get("/movies/")
    with django_assert_num_queries(3):  # which version is in force takes two
        first = client.get("/movies/7/")
    with django_assert_num_queries(2):
        assert client.get("/movies/7/").content == first.content


def test_while_the_database_is_away_the_page_goes_on_without_earlier_runs_and_is_not_kept(client):
    movie = make_movie(7)
    for status in ("superseded", "current"):
        rate(make_run(status), movie, rank=1)
    client.get("/movies/")
    with connection_lost_for_rows():
        partial = client.get("/movies/7/")
    assert partial.status_code == 200
    assert b"run by run" not in partial.content
    assert partial.headers["Cache-Control"] == "no-store"
    whole = client.get("/movies/7/")
    assert b"run by run" in whole.content
    assert whole.headers["Cache-Control"] == "no-cache"


@contextmanager
def connection_lost_for_rows():
    def fail(execute, sql, *more):
        if "app_recommendationdata" in sql:
            raise OperationalError(2006, "Server has gone away")
        return execute(sql, *more)

    with connection.execute_wrapper(fail):
        yield


# Similar movies


def test_similar_movies_say_why_and_lead_on(client, run):
    make_models(run)
    rated(run)
    for number, genres in ((8, ("Crime", "War")), (9, ())):
        rate(run, make_movie(number, f"Heist {number}, The", genres=genres), rating_count=100)
    Run.objects.filter(pk=run.pk).update(
        fitted_models={**run.fitted_models, "similar": {"users": 1290}}
    )
    make_similar(run, Movie.objects.get(pk=7), (8, 0.5, 40), (9, 0.4, 1))
    make_weights(run, Movie.objects.get(pk=7), (8, 2))
    page = look(client)
    assert "The Heist 8" in page
    assert "40 rated both <br>4.0 × chance <br>Crime </span>" in page
    assert "1 rated both <br>0.1 × chance </span>" in page
    assert 'href="/for-you/?like=7"' in page


def test_a_run_without_models_promises_nothing(client, run):
    rated(run)
    page = look(client)
    assert "/for-you/?like=7" not in page
    assert "also rate" not in page
    assert "Too few people" not in page


def test_a_movie_that_the_models_lack_says_so(client, run):
    make_models(run)
    rated(run, rank=None, rating_count=2)
    page = look(client)
    assert "/for-you/?like=7" not in page
    assert "Too few people rated it to tell which movies are like it." in page


@pytest.mark.parametrize(("year", "is_open"), [(2018, True), (2017, False)])
def test_only_the_year_in_which_the_data_end_may_be_a_part_of_one(client, run, year, is_open):
    months = pack(contract.MONTHS, [((year - 1970) * 12, 4)])
    run.parameters = {**run.parameters, "trending": {"newest_month": "2018-09"}}
    run.save(update_fields=["parameters"])
    rated(run, months=months)
    assert ("The data end in September 2018" in look(client)) == is_open


# States


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


# For other machines


def test_search_engines_are_told_the_mean_of_the_people(client, run):
    rated(run)
    data = data_of(look(client))
    assert (data["@type"], data["name"], data["datePublished"]) == (
        "Movie",
        "The Godfather",
        "1972",
    )
    assert data["url"] == "http://testserver/movies/7/"
    assert data["image"].startswith("http://testserver/covers/7")
    assert data["aggregateRating"] == {
        "@type": "AggregateRating", "ratingValue": 4.26, "ratingCount": 129, "bestRating": 5,
        "worstRating": 0.5,
    }  # fmt: skip


def test_a_card_has_the_title_and_the_cover_at_absolute_addresses(client, run):
    rated(run)
    page = look(client)
    assert '<meta property="og:title" content="The Godfather (1972)">' in page
    assert re.search(r'property="og:image" content="http://testserver/covers/7[^"]*"', page)
    assert '<meta property="og:url" content="http://testserver/movies/7/">' in page
    description = "Score 4.16 of 5 from 129 ratings: rank 1 of 1."
    assert f'<meta property="og:description" content="{description}' in page
    assert f'<meta name="description" content="{description}' in page


def test_a_hostile_title_stays_text_everywhere(client, run):
    make_ranking(run, 1)
    rate(run, make_movie(7, HOSTILE, 1972), rank=2)
    page = look(client)
    assert data_of(page)["name"] == "The </script><b>\"'& Bad"
    assert "<b>" not in page
    assert page.count("<script") == page.count("</script>")
    assert 'content="The &lt;/script&gt;&lt;b&gt;&quot;&#x27;&amp; Bad (1972)"' in page
