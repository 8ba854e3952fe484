"""A reader whose page loses its database, and gets it back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.chromium import Look
from tests.support.processes import wait_until
from tests.support.proxy import Proxy, proxy
from tests.support.server import production_site
from tests.support.targets import manage

FILL = """
from tests.site.factories import make_ranking, make_run, rate
movies = make_ranking(make_run("superseded"), 30, genres=("War",))
run = make_run()
for movie in movies:
    rate(run, movie, rank=movie.pk)
"""


@pytest.fixture
def database(mariadb_server) -> Iterator[Proxy]:
    """The way to the database, which can be cut."""
    with proxy(mariadb_server.port) as relay:
        yield relay


@pytest.fixture
def page(browser, mariadb_targets, database) -> Iterator[Page]:
    """A visitor of a site whose database is behind `database`."""
    target = mariadb_targets.make()
    manage(target, "shell", "--no-imports", "--command", FILL)
    with (
        production_site(target, DB_PORT=str(database.port), WEB_CONCURRENCY="1") as address,
        Look().context(browser, base_url=address) as context,
    ):
        yield context.new_page()


def test_readers_read_on_and_curators_are_told(page, database):
    page.goto("/movies/")
    database.frozen.set()
    for known_and_new in ("/movies/", "/movies/?min_ratings=1", "/movies/7/"):
        assert page.goto(known_and_new).status == 200
    assert page.goto("/admin/login/").status == 503
    expect(page.locator("main")).to_contain_text("database")
    database.frozen.clear()
    wait_until(lambda: page.goto("/admin/login/").status == 200, seconds=30)
    expect(page.locator("#id_password")).to_be_visible()
