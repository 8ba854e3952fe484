"""Which tests a pass has, in which order, and which of the workers runs them."""

from collections import defaultdict
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/browser/", "tests/deployment/site_machine/", "tests/deployment/nginx/")
"""Folders whose tests share what is costly to make: a site with a browser, a machine."""
LONG = (
    *("tests/system/", *TOGETHER, "tests/job/test_cluster.py", "tests/job/store/"),
    *("tests/deployment/", "tests/job/"),
)
"""Where the files are that take longest; a worker that gets one last works on alone."""


class ByFile(LoadFileScheduling):
    """A file's tests run on one of the workers; so do those of a folder of `TOGETHER`."""

    def _split_scope(self, nodeid: str) -> str:
        folders = (folder for folder in TOGETHER if nodeid.startswith(folder))
        return next(folders, super()._split_scope(nodeid))


def put_in_order(items: list[pytest.Item]) -> None:
    """Behind those of the database, which pytest-django has put first, the short files last."""
    items.sort(key=lambda item: 0 if asks_database(item) else _length(item.nodeid))


def _length(nodeid: str) -> int:
    places = (place for place, folder in enumerate(LONG, start=1) if nodeid.startswith(folder))
    return next(places, len(LONG) + 1)


def asks_database(item: pytest.Item) -> bool:
    """Whether Django's database is there for the test."""
    fixtures = {"db", "transactional_db"}.intersection(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


def asks_site_database(item: pytest.Item) -> bool:
    """Of the site's own tests."""
    return "site" in item.path.parts and asks_database(item)


def _empties_tables(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    is_marked = marker is not None and bool(marker.kwargs.get("transaction"))
    return is_marked or "transactional_db" in getattr(item, "fixturenames", ())


def refuse_mixed_files(items: list[pytest.Item]) -> None:
    """A file has to be dealt out before those that empty the tables or among them.

    With the tables goes what migrations brought, the curators' groups for one.
    """
    kinds: dict[Path, set[bool]] = defaultdict(set)
    for item in filter(asks_database, items):
        kinds[item.path].add(_empties_tables(item))
    if mixed := [str(path) for path, found in kinds.items() if len(found) > 1]:
        raise pytest.UsageError(f"tests with transaction=True need files of their own: {mixed}")
