"""The suggestions of movies, as far as they can be told without a browser."""

import re

from app.catalogue.movies.spoken_titles import ARTICLES
from tests.support.targets import ROOT


def test_suggestions_know_the_articles_that_titles_have():
    script = (ROOT / "app" / "static" / "app" / "suggest.js").read_text()
    assert re.search('ARTICLES = "(.+?)"', script)[1].split("|") == list(ARTICLES)
