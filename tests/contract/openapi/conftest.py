"""The site over a small but odd database, and the API's document of it."""

import pytest

from app.serving import catalogue_view as views
from app.serving import watcher as watching
from app.serving.store import CatalogueStore
from app.serving.watcher import VersionWatcher
from tests.contract.openapi.odd_site import publish
from tests.site.conftest import SameThread


@pytest.fixture(autouse=True)
def site(settings, monkeypatch):
    """Of this process. A machine that is busy must not look like a database that is away."""
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    views.cache.clear()
    watcher = VersionWatcher(store=CatalogueStore(SameThread()), executor=SameThread())
    monkeypatch.setattr(watching, "watcher", watcher)


@pytest.fixture(autouse=True)
def published():
    publish()


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").json()


@pytest.fixture
def operations(document):
    return {path: methods["get"] for path, methods in document["paths"].items()}
