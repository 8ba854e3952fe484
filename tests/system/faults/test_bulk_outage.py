"""The database is lost in the middle of a bulk action, between two statements of its transaction.

A lock on the history's table holds the transaction where the decisions are written already.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.support.forms import Visitor
from tests.support.mariadb import Server, start
from tests.support.processes import wait_until
from tests.support.server import production_site
from tests.support.targets import MariaDBTarget, MariaDBTargets, manage

FILL = """
from django.contrib.auth.models import User
from tests.site.factories import make_ranking, make_run
make_ranking(make_run(), 3)
User.objects.create_superuser("anna", password="a-password-of-the-tests")
"""
ASK = "/admin/app/movie/decide/hide/?movies=1,2,3"
HELD = """
SELECT id FROM information_schema.processlist
WHERE info LIKE 'INSERT INTO `app_curationchange`%' AND state LIKE '%metadata lock%'
"""


@pytest.fixture(scope="module")
def target(server) -> MariaDBTarget:
    target = MariaDBTargets(server).template
    manage(target, "shell", "--no-imports", "--command", FILL)
    return target


@pytest.fixture(scope="module")
def curator(target) -> Iterator[Visitor]:
    with production_site(target, WEB_CONCURRENCY="1") as address:
        curator = Visitor(address)
        assert curator.log_in("anna", "a-password-of-the-tests")[0] == 200
        yield curator


def held(server: Server) -> list[int]:
    """The connection whose transaction has written decisions, and waits to write the history."""
    return [number for (number,) in server.execute(HELD)]


def written(target: MariaDBTarget) -> tuple[int, int]:
    """How many decisions and entries of the history there are."""
    ((decisions, entries),) = target.rows(
        "SELECT (SELECT COUNT(*) FROM app_curation), (SELECT COUNT(*) FROM app_curationchange)"
    )
    return decisions, entries


def uncommitted_decisions(server: Server, schema: str) -> int:
    with closing(server.connect(db=schema)) as connection:
        cursor = connection.cursor()
        cursor.execute("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED")
        cursor.execute("SELECT COUNT(*) FROM app_curation")
        return int(cursor.fetchone()[0])


def end_connection(server: Server) -> None:
    server.execute(f"KILL {held(server)[0]}")


def end_server(server: Server) -> None:
    server.process.kill()
    server.process.wait()
    _, server.process = start(server.folder, server.port)


@pytest.mark.parametrize("lose", [end_connection, end_server])
def test_nothing_is_half_done_and_the_curator_is_told(
    curator, server, target, lose: Callable[[Server], None]
):
    wait_until(lambda: curator.get(ASK)[0] == 200, what="the site after the case before")
    _, page = curator.get(ASK)
    with closing(server.connect(db=target.schema)) as holding, ThreadPoolExecutor(1) as pool:
        holding.cursor().execute("LOCK TABLES app_curationchange WRITE")
        answer = pool.submit(curator.send, ASK, page, confirmed="yes")
        wait_until(lambda: held(server), seconds=10, what="the middle of the transaction")
        assert uncommitted_decisions(server, target.schema) == 3
        lose(server)
        status, said = answer.result()
    assert status == 503
    assert "The database does not answer." in said
    assert "most likely not saved, and certainly not by half" in said
    assert written(target) == (0, 0)


def test_the_same_action_is_done_as_a_whole_afterwards(curator, server, target):
    wait_until(lambda: curator.get(ASK)[0] == 200, what="the site after the case before")
    _, page = curator.get(ASK)
    status, said = curator.send(ASK, page, confirmed="yes")
    assert (status, written(target)) == (200, (3, 3))
    assert "3 decisions were changed." in said
