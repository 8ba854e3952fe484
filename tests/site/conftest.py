"""The site in the test's own thread and transaction: nothing known from another test."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from app.serving import catalogue_view as views
from app.serving import store as storing
from app.serving import watcher as watching
from app.serving.state import PublishedState
from app.serving.store import CatalogueStore
from app.serving.watcher import VersionWatcher
from tests.site.fitted import make_fitted


class SameThread(Executor):
    """Asks at once: another thread would not see what a test has not committed."""

    def submit(self, ask: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(ask(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture(autouse=True)
def site_watcher(monkeypatch) -> VersionWatcher:
    views.cache.clear()
    # The connection is the test's own.
    for module in (watching, storing):
        monkeypatch.setattr(module, "close_old_connections", lambda: None)
    watcher = new_watcher()
    monkeypatch.setattr(watching, "watcher", watcher)
    return watcher


def new_watcher(*read: Callable[[], PublishedState | None]) -> VersionWatcher:
    """That checks and loads in the test's thread, each time that it is asked."""
    store = CatalogueStore(SameThread())
    return VersionWatcher(*read, store=store, executor=SameThread(), check_seconds=0)


@pytest.fixture
def fitted():
    """A current run with models."""
    return make_fitted()
