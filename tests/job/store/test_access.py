"""What the database lets the job do is found out in the check, before anything is computed."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from spark_jobs.contract import RIGHTS
from spark_jobs.errors import JobError
from spark_jobs.session import Spark
from spark_jobs.store.address import parse_address
from spark_jobs.store.credentials import Credentials
from spark_jobs.store.database import check_schema, connect
from tests.job.store.users import another_user
from tests.support.targets import MariaDBTarget


def check(spark, target, user="", password=""):
    with connect(
        Spark.of(spark), parse_address(target.address), Credentials(user, password)
    ) as database:
        check_schema(database)


def complaint(spark, target, *credentials):
    with pytest.raises(JobError) as raised:
        check(spark, target, *credentials)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.fixture(scope="module")
def shared(mariadb_targets):
    """A migrated schema that no test here writes to."""
    return mariadb_targets.make()


@pytest.fixture
def visitor(shared):
    """The name and password of a user without any right."""
    shared.execute("CREATE USER visitor IDENTIFIED BY 'pw'")
    yield "visitor", "pw"
    shared.execute("DROP USER visitor")


def grant_all_but(target, table, *rights):
    for other, needed in RIGHTS.items():
        granted = rights if other == table else needed
        if granted:
            target.execute(f"GRANT {', '.join(granted)} ON {other} TO visitor")


def test_a_schema_without_rights_may_not_exist(spark, shared, visitor):
    line = complaint(spark, shared, *visitor)
    assert "the schema does not exist, or this user has no right to it" in line
    assert f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{shared.schema}`.* TO 'visitor'@'%'" in line


@pytest.mark.parametrize("table", RIGHTS)
def test_each_right_that_is_missing_is_named_with_its_grant(spark, shared, visitor, table):
    *rest, last = RIGHTS[table]
    grant_all_but(shared, table, *rest)
    line = complaint(spark, shared, *visitor)
    assert f"this user lacks {last} on {table}: " in line
    (statement,) = [part for part in line.split(", ", 1)[1:] if part.startswith("GRANT")]
    assert statement == f"GRANT {last} ON `{shared.schema}`.{table} TO 'visitor'@'%'"
    shared.execute(statement)
    check(spark, shared, *visitor)


def test_a_right_to_some_columns_alone_is_not_enough(spark, shared, visitor):
    grant_all_but(shared, "app_rejectedrow", "SELECT (run_id)", "INSERT", "DELETE")
    assert "this user lacks SELECT on app_rejectedrow" in complaint(spark, shared, *visitor)


def test_a_table_that_the_user_may_not_see_is_not_called_missing(spark, shared, visitor):
    grant_all_but(shared, "app_rejectedrow")
    line = complaint(spark, shared, *visitor)
    assert "lacks SELECT/INSERT/DELETE on app_rejectedrow" in line
    assert "(app_rejectedrow may also not exist: if so, migrate first)" in line


def test_of_many_missing_rights_one_grant_is_told(spark, shared, visitor):
    shared.execute("GRANT SELECT ON app_run TO visitor")
    line = complaint(spark, shared, *visitor)
    assert "this user lacks INSERT/UPDATE on app_run, SELECT/INSERT/UPDATE on app_movie" in line
    assert line.count("GRANT ") == 1
    assert f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{shared.schema}`.* TO" in line


def test_rights_through_a_role_count(spark, shared, visitor):
    shared.execute("CREATE ROLE publisher")
    shared.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{shared.schema}`.* TO publisher")
    shared.execute("GRANT publisher TO visitor")
    shared.execute("SET DEFAULT ROLE publisher FOR visitor")
    check(spark, shared, *visitor)
    shared.execute("DROP ROLE publisher")


def test_a_server_that_only_reads(spark, shared, visitor):
    shared.execute(f"GRANT ALL ON `{shared.schema}`.* TO visitor")
    shared.execute("SET GLOBAL read_only = 1")
    try:
        line = complaint(spark, shared, *visitor)
    finally:
        shared.execute("SET GLOBAL read_only = 0")
    assert "the server is read-only (a replica, or read_only is set)" in line


def test_the_check_writes_nothing(spark, shared):
    written = (
        "SHOW GLOBAL STATUS WHERE variable_name IN"
        " ('Innodb_rows_inserted', 'Innodb_rows_updated', 'Innodb_rows_deleted')"
    )
    before = shared.rows(written)
    environment = shared.environment
    check(spark, shared, environment["DB_USER"], environment["DB_PASSWORD"])
    assert shared.rows(written) == before


def test_the_job_hears_of_it_before_it_computes(run_job, write_input, shared, visitor, monkeypatch):
    grant_all_but(shared, "app_movie", "SELECT", "INSERT")
    environment = shared.environment | {"DB_USER": "visitor", "DB_PASSWORD": "pw"}
    monkeypatch.setattr(MariaDBTarget, "environment", environment)
    outcome = run_job(write_input(), shared)
    assert outcome.status == 1
    assert "lacks UPDATE on app_movie" in outcome.err
    assert "ratings " not in outcome.out


@pytest.fixture
def file_of_root(sqlite_target):
    """The target in a folder that everybody may enter and nobody but its owner may write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sqlite_target.path = sqlite_target.path.rename(folder / "x.sqlite3")
        folder.chmod(0o555)
        yield sqlite_target
        folder.chmod(0o755)


def test_a_file_that_is_not_writable(spark, file_of_root):
    file_of_root.path.chmod(0o444)
    with another_user():
        line = complaint(spark, file_of_root)
    assert f"{file_of_root.path} is not writable for this user" in line


def test_a_folder_that_is_not_writable(spark, file_of_root):
    file_of_root.path.chmod(0o666)
    with another_user():
        line = complaint(spark, file_of_root)
    assert f"{file_of_root.path.parent} is not writable for this user" in line


def test_a_folder_that_may_not_be_entered(spark, file_of_root):
    file_of_root.path.parent.chmod(0o700)
    with another_user():
        assert "has no access to its folder" in complaint(spark, file_of_root)


def test_a_file_that_is_no_database(spark, sqlite_target):
    sqlite_target.path.write_text("no database, but long enough to be looked at " * 20)
    line = complaint(spark, sqlite_target)
    assert "file is not a database: name the file that the site uses, SQLITE_PATH" in line


def test_a_path_with_characters_that_mean_something_in_addresses(spark, sqlite_target):
    path = sqlite_target.path.with_name("a#1?b=2%20 人.sqlite3")
    sqlite_target.path = sqlite_target.path.rename(path)
    check(spark, sqlite_target)


def test_options_and_escapes_in_the_address_of_a_file(spark, sqlite_target):
    path = sqlite_target.path
    sqlite_target.path = path.with_name(f"{path.name}?mode=ro")
    assert f"but {path} does: SQLite addresses have no options" in complaint(spark, sqlite_target)
    sqlite_target.path = path.with_name(path.name.replace(".", "%2E"))
    assert f"but {path} does: write the path as it is" in complaint(spark, sqlite_target)


def test_a_folder_in_place_of_the_file(spark, sqlite_target):
    sqlite_target.path = sqlite_target.path.parent
    assert "is not a file" in complaint(spark, sqlite_target)


WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("writing", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_file_that_another_process_writes_is_said_with_its_process(
    spark, sqlite_target, monkeypatch, mode
):
    monkeypatch.setattr("spark_jobs.store.sqlite.BUSY_SECONDS", 0.1)
    sqlite_target.execute(f"PRAGMA journal_mode = {mode}")
    command = [sys.executable, "-c", WRITER, sqlite_target.path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        writer.stdout.readline()
        line = complaint(spark, sqlite_target)
        writer.stdin.close()
    assert f"database is locked for 0.1 s by process {writer.pid} (python" in line
