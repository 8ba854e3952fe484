"""A watcher in the test's own thread and transaction."""

import pytest

from app.serving import store as storing
from app.serving import watcher as watching
from app.serving.store import CatalogueStore
from app.serving.watcher import VersionWatcher
from tests.site.conftest import SameThread


@pytest.fixture
def site_watcher(monkeypatch):
    # The connection is the test's own.
    for module in (watching, storing):
        monkeypatch.setattr(module, "close_old_connections", lambda: None)
    return VersionWatcher(
        store=CatalogueStore(SameThread()), executor=SameThread(), check_seconds=0
    )
