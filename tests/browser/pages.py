"""Every page of the site, by a name; shared by the tests and by bin/screenshots."""

import json
from dataclasses import dataclass

from tests.support.server import get

PAGES = {
    "home": "/",
    "ranking": "/movies/",
    "ranking-filtered": "/movies/?genre=Drama&year_from=1990&year_to=1999",
    "ranking-empty": "/movies/?q=zzzz",
    "movie": "/movies/{movie}/",
    "movie-unranked": "/movies/{unranked}/",
    "for-you": "/for-you/",
    "for-you-list": "/for-you/?like={movie},{other},{third}",
    "import": "/for-you/import/",
    "dashboard": "/dashboard/",
    "runs": "/runs/",
    "run": "/runs/{run}/",
    "run-diff": "/runs/{earlier}/diff/{run}/",
    "about": "/about/",
    "api-docs": "/api/docs/",
    "404": "/nowhere/",
    "400": "/movies/?limit=many",
}
"""Name -> address, with the ids that differ from data to data in braces."""


@dataclass(frozen=True)
class Published:
    """A site that has something to show, and ids of what is published there."""

    address: str
    movie: int
    other: int
    third: int
    unranked: int
    run: int
    earlier: int

    def url(self, name: str) -> str:
        return self.address + PAGES[name].format_map(vars(self))


def look_up(address: str) -> Published:
    """The ids, by the site's own API."""
    top = _json(f"{address}/recommendations/?limit=3")["results"]
    movie, other, third = (movie["movie_id"] for movie in top)
    runs = [run["id"] for run in _json(f"{address}/api/runs/")["results"]]
    return Published(address, movie, other, third, _unranked(address), runs[0], runs[-1])


def _unranked(address: str) -> int:
    """The movie with the fewest ratings."""
    by_count = f"{address}/recommendations/?limit=1&min_ratings=0&order=rating_count"
    last = _json(by_count)["count"] - 1
    return int(_json(f"{by_count}&offset={last}")["results"][0]["movie_id"])


def _json(url: str) -> dict:
    status, body = get(url)
    assert status == 200, (url, status, body[:200])
    return json.loads(body)
