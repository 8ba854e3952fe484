"""The page of a movie as it is read, and a movie that there is much to say of."""

import json
import re

from tests.site.factories import make_movie, rate


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
