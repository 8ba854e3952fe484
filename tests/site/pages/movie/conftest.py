"""The run that the movies were rated in."""

import pytest

from tests.site.factories import make_run


@pytest.fixture
def run():
    return make_run(prior_mean=3.5, prior_weight=20.0)
