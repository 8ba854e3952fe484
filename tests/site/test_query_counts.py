"""How many queries an address costs: a fixed number the first time, none once it is known."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from app import edition
from tests.site.conftest import SameThread
from tests.site.factories import curate, make_movie, make_ranking, make_run, rate

pytestmark = pytest.mark.django_db

EDITION = 2
"""The run that is out, and what curators decided."""
WHOLE = {
    "/recommendations/": 2,  # which, their rows; how many the run knows
    "/recommendations/?order=year&offset=1": 2,
    "/stats/": 2,
}
LISTS = WHOLE | {
    "/recommendations/?min_ratings=0&year_from=1990": 3,  # how many
    "/recommendations/?genre=War": 4,  # whether there is such a genre
    "/recommendations/?genre=War&genre=-Drama": 4,
    "/recommendations/?q=movie": 4,  # whose titles few movies have
    "/api/search/?q=movie": 4,
}
OTHERS = {
    "/api/movies/1/": 5,  # movie, genres, row, the run before, its rank
    "/api/genres/": 1,
    "/api/runs/": 3,  # the newest, how many, which
    "/api/runs/{run}/": 1,
    "/api/runs/{former}/diff/{run}/": 5,  # two runs, their ranks, the movies shown
    "/api/openapi.json": 1,
}
PAGES = {
    "/": 2,
    "/movies/": 3,  # the genres to choose from
    "/movies/1/": 5,
    "/dashboard/": 5,  # the runs there were
}


@pytest.fixture(autouse=True)
def seen_lately(monkeypatch):
    """The watch has seen the edition and will not look again: its queries are not counted."""
    watch = edition.Watch(executor=SameThread(), reread_seconds=3600)
    monkeypatch.setattr(edition, "watch", watch)
    return watch


@pytest.fixture
def runs():
    former, run = make_run("superseded"), make_run()
    make_movie(99, genres=("Drama",))
    movies = make_ranking(run, 6, genres=("War",))
    for rank, movie in enumerate(reversed(movies), start=1):
        rate(former, movie, rank=rank)
    return {"former": former.pk, "run": run.pk}


def cost(client, address, **more):
    edition.watch.look()
    path, _, query = address.partition("?")
    asked = QueryDict(query, mutable=True)
    asked.update(more)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path, query_params=asked, HTTP_ACCEPT="text/html")
    assert answer.status_code == 200
    return len(queries)


@pytest.mark.parametrize("address", LISTS | OTHERS)
def test_an_answer_costs_its_queries_once(client, runs, address):
    expected = EDITION + (LISTS | OTHERS)[address]
    assert [cost(client, address.format(**runs)) for _ in range(2)] == [expected, 0]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_costs_its_queries(client, runs, page):
    assert cost(client, page) == EDITION + PAGES[page]


def test_health_costs_a_look_at_the_edition(client, runs):
    # The rows of the run are counted once.
    assert [cost(client, "/health/") for _ in range(2)] == [EDITION + 1, EDITION]
    assert cost(client, "/health/live/") == 0


def test_a_look_at_the_edition_is_all_that_time_costs(client, runs, seen_lately):
    cost(client, "/recommendations/")
    seen_lately.suspect()
    with CaptureQueriesContext(connection) as queries:
        client.get("/recommendations/")
    assert len(queries) == EDITION


@pytest.mark.parametrize("address", LISTS)
def test_curated_movies_cost_a_query_each_way(client, runs, address):
    curate(make_movie(100), hidden=True)
    curate(make_movie(101), pinned_position=2)
    # Which of the pinned ones belong, and how many of all stand apart from the ranking.
    more = ("order" not in address) + (address in WHOLE)
    assert cost(client, address) == EDITION + LISTS[address] + more


@pytest.mark.parametrize("address", LISTS)
def test_a_longer_list_costs_no_more(client, address):
    make_ranking(make_run(), 60, genres=("War", "Romance"))
    make_movie(99, genres=("Drama",))
    longer = {} if address == "/stats/" else {"limit": 100}
    assert cost(client, address, **longer) == EDITION + LISTS[address]


@pytest.mark.parametrize("address", LISTS)
def test_many_titles_cost_no_more_than_few(client, runs, address, monkeypatch):
    monkeypatch.setattr("app.lists.FEW_TITLES", 1)
    assert cost(client, address) == EDITION + LISTS[address]


def test_a_further_stretch_is_not_counted_again(client, runs):
    assert cost(client, "/recommendations/?min_ratings=0&limit=2") == EDITION + 3
    assert cost(client, "/recommendations/?min_ratings=0&limit=2&offset=2") == EDITION + 2


def test_a_search_is_looked_up_in_the_titles_once(client, runs):
    assert cost(client, "/api/search/?q=movie&limit=2") == EDITION + 4
    assert cost(client, "/api/search/?q=movie&limit=2&offset=2") == EDITION + 2


def test_another_run_costs_a_query_more(client, runs):
    assert cost(client, f"/recommendations/?run={runs['former']}") == EDITION + 3


def test_an_empty_list_costs_the_count_alone(client, runs):
    assert cost(client, "/recommendations/?year_to=1900") == EDITION + 1
