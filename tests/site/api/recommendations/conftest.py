"""A current run, and its list."""

import pytest

from tests.site.factories import make_run


@pytest.fixture
def run():
    return make_run()


@pytest.fixture
def listed(client):
    """The movie ids of a list."""

    def listed(query=""):
        response = client.get(f"/recommendations/{query}")
        assert response.status_code == 200, response.content
        return [item["movie_id"] for item in response.json()["results"]]

    return listed
