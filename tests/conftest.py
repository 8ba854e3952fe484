"""What all tests share: the real data, one Spark session, one database server."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from xdist.remote import Producer

from tests.support import dealing
from tests.support.data import generate, real_data
from tests.support.mariadb import Server, mariadb
from tests.support.targets import MariaDBTargets, SQLiteTargets, Target

NO_REAL_DATA = "needs ml-latest-small: set MOVIELENS_DIR, or let bin/demo download it"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> dealing.ByFile | None:
    return dealing.ByFile(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    dealing.refuse_mixed_files(items)
    dealing.put_in_order(items)
    # With DB_HOST set the site itself runs on MariaDB: only what asks it has more to say.
    if os.environ.get("DB_HOST"):
        others = [item for item in items if not dealing.asks_site_database(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if dealing.asks_site_database(item)]


@pytest.fixture(scope="session")
def movielens() -> Path:
    """The real data; tests that check its figures are skipped without it."""
    return real_data() or pytest.skip(NO_REAL_DATA)


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real data, or generated ones of the same size for tests that hold for both."""
    return real_data() or generate(tmp_path_factory.mktemp("generated"))


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """One session for all tests, as small as it gets."""
    logging.getLogger("py4j").setLevel(logging.WARNING)
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    with mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_targets(tmp_path_factory: pytest.TempPathFactory) -> SQLiteTargets:
    return SQLiteTargets(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def mariadb_targets(mariadb_server: Server) -> MariaDBTargets:
    return MariaDBTargets(mariadb_server)


@pytest.fixture(params=["sqlite", "mariadb"])
def target(request: pytest.FixtureRequest) -> Target:
    """A migrated, empty database; the test runs once on each engine."""
    return request.getfixturevalue(f"{request.param}_targets").make()


@pytest.fixture
def sqlite_target(sqlite_targets: SQLiteTargets) -> Target:
    return sqlite_targets.make()


@pytest.fixture
def mariadb_target(mariadb_targets: MariaDBTargets) -> Target:
    return mariadb_targets.make()
