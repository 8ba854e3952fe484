"""The door to the tables: one small interface, two engines behind it.

`mysql://` goes through the JVM's JDBC (`mysql.py`), `sqlite:///` through Python's own
sqlite3 on the driver (`sqlite.py`). Both take SQL with `?` for values.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
from pyspark.sql import SparkSession

from spark_jobs.contract import RIGHTS, TABLES, TYPES, Column
from spark_jobs.errors import JobError
from spark_jobs.store.address import Address
from spark_jobs.store.credentials import Credentials

LOCK_WAIT_SECONDS = 30
GRANTS_SHOWN = 3
"""Tables of which each gets its own GRANT; of more, one on the whole schema is told."""


class LockedError(JobError):
    """Somebody else holds a lock that a statement waited for; the same may succeed later."""


class DisconnectedError(JobError):
    """The connection is lost; what it had not committed is rolled back."""


@dataclass(frozen=True)
class LiveColumn:
    """A column as the database describes it; `type` is the engine's own name, bare."""

    type: str
    nullable: bool
    has_default: bool


class Database(Protocol):
    """What the job needs of a database. Errors of the engine come out as JobError."""

    def close(self) -> None:
        """Let go of the connection, and of a lock with it."""

    def reconnect(self) -> "Database":
        """A further connection to the same database."""

    def cipher(self) -> str | None:
        """What the connection is encrypted with, "" where it is not, None without a network."""

    def check_writable(self) -> None:
        """Raise JobError, without writing anything, where nobody can write at the moment."""

    def denied_rights(self, table: str) -> list[str]:
        """Those of the job's rights on the table that its user lacks; found out on no row."""

    def grant(self, rights: Sequence[str], table: str) -> str:
        """The statement with which an administrator gives the user these rights."""

    def query(self, sql: str, *values: object) -> list[tuple]:
        """The rows that a SELECT answers."""

    def execute(self, sql: str, *values: object) -> int:
        """Run a statement; the number of rows it touched."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what happens inside as one, or nothing of it."""

    def publish_lock(self) -> AbstractContextManager[None]:
        """Be the only publisher, or raise JobError naming the other one."""

    def append(self, frame: pa.Table, table: str) -> None:
        """Add the frame's rows to the columns of the same names."""

    def upsert(self, table: str, key: str, columns: Sequence[str], select: str) -> str:
        """SQL that inserts the rows of `select` (from a table named `s`) or updates them by key."""

    def live_columns(self, table: str) -> dict[str, LiveColumn]:
        """The table's columns; empty where there is no such table."""


@contextmanager
def connect(spark: SparkSession, address: Address, credentials: Credentials) -> Iterator[Database]:
    """An open database, closed at the end. Raises JobError where it cannot be reached."""
    from spark_jobs.store.mysql import MySQL  # here, because both engines build on this module
    from spark_jobs.store.sqlite import SQLite

    engines: dict[str, Callable[..., Database]] = {"mysql": MySQL, "sqlite": SQLite}
    with closing(engines[address.engine](spark, address, credentials)) as database:
        yield database


def check_schema(database: Database) -> None:
    """Raise JobError unless the live tables can take what the contract says the job writes."""
    database.check_writable()
    _check_rights(database)
    live = {table: database.live_columns(table) for table in TABLES}
    remedy = "run `python manage.py migrate` against this database"
    if missing := [table for table, columns in live.items() if not columns]:
        raise JobError(f"the database has no table {', '.join(missing)}: {remedy}")
    problems = [p for table in TABLES for p in _problems(table, live[table])]
    if problems:
        raise JobError(
            f"the database does not fit this job: {'; '.join(problems)}; {remedy}, "
            "with the site and the job of one revision"
        )


def _check_rights(database: Database) -> None:
    denied = {table: database.denied_rights(table) for table in RIGHTS}
    lacking = {table: rights for table, rights in denied.items() if rights}
    if not lacking:
        return
    told = ", ".join(f"{'/'.join(rights)} on {table}" for table, rights in lacking.items())
    # Who may do nothing with a table is not told whether there is one.
    hidden = [table for table, rights in lacking.items() if rights == list(RIGHTS[table])]
    perhaps = f" ({', '.join(hidden)} may also not exist: then migrate first)" if hidden else ""
    if len(lacking) > GRANTS_SHOWN:
        lacking = {"*": ["SELECT", "INSERT", "UPDATE", "DELETE"]}
    grants = "; ".join(database.grant(rights, table) for table, rights in lacking.items())
    raise JobError(f"this user lacks {told}{perhaps}: as the administrator, {grants}")


def _problems(table: str, live: dict[str, LiveColumn]) -> Iterator[str]:
    wanted = {column.name: column for column in TABLES[table]}
    for name, column in wanted.items():
        if name not in live:
            yield f"{table}.{name} is missing"
        else:
            yield from _differences(f"{table}.{name}", column, live[name])
    for name in live.keys() - wanted.keys():
        if not live[name].nullable and not live[name].has_default:
            yield f"{table}.{name} must be filled, and this job does not know it"


def _differences(name: str, wanted: Column, live: LiveColumn) -> Iterator[str]:
    if live.type not in TYPES[wanted.type]:
        yield f"{name} is {live.type}, not {wanted.type}"
    if wanted.nullable and not live.nullable:
        yield f"{name} must allow null"
