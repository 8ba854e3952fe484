"""Similar movies on the page of a movie, and what it says where the models have none."""

import pytest

from app.models import Movie, Run
from tests.site.factories import make_models, make_movie, make_similar, make_weights, rate
from tests.site.pages.movie.page import look, rated

pytestmark = pytest.mark.django_db


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
