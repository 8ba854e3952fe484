"""What the page of a movie tells machines: search engines, and those that draw a card of it."""

import re

import pytest

from tests.site.factories import make_movie, make_ranking, rate
from tests.site.pages.movie.page import data_of, look, rated

pytestmark = pytest.mark.django_db
HOSTILE = "</script><b>\"'& Bad, The"


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
