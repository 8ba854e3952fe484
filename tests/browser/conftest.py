"""One browser and one site of real data for all tests of this folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.pages import Published, look_up
from tests.support.chromium import EXECUTABLE, Look, chromium
from tests.support.published import publish_two_runs
from tests.support.server import production_site
from tests.support.targets import SQLiteTarget

DESKTOP = Look()


# Not for the session: while Playwright runs, Django takes this thread for an asynchronous one and
# refuses to ask the database, and other tests of this process do.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not EXECUTABLE:
        pytest.skip("there is no Chromium among the system's packages")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def published(spark, dataset, sqlite_targets, tmp_path_factory) -> SQLiteTarget:
    """A database with two runs; copy it before you change it."""
    target = sqlite_targets.make()
    publish_two_runs(dataset, target, tmp_path_factory.mktemp("input"))
    return target


@pytest.fixture(scope="package")
def served(browser, published) -> Iterator[Published]:
    """The site as in production, but for TLS."""
    with production_site(published) as address:
        yield look_up(address)


@pytest.fixture
def visit(browser, served) -> Iterator[Callable[..., Page]]:
    """Open an address of the site as a new visitor; `script=False` for one without JavaScript."""
    contexts = []

    def open_page(path: str = "/", look: Look = DESKTOP, *, script: bool = True) -> Page:
        contexts.append(look.context(browser, java_script_enabled=script, base_url=served.address))
        page = contexts[-1].new_page()
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def own_copy(published, tmp_path) -> SQLiteTarget:
    """What is published, to be changed by one test."""
    return copy_of(published, tmp_path)


def copy_of(published: SQLiteTarget, folder: Path) -> SQLiteTarget:
    copy = SQLiteTarget(folder / "copy.sqlite3")
    published.execute(f"VACUUM INTO '{copy.path}'")
    return copy
