"""What the tests of the whole share."""

from collections.abc import Iterator

import pytest

from tests.support.mariadb import Server, mariadb


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A MariaDB to be killed: not the one of the other tests, which want theirs alive."""
    with mariadb() as server:
        yield server
