"""A current run of thirty movies."""

import pytest

from tests.site.factories import make_ranking, make_run


@pytest.fixture
def run():
    run = make_run()
    make_ranking(run, 30, genres=("War",))
    return run
