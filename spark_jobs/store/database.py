"""Open a database, and check that it can store what a run writes.

`mysql://` uses the JVM's JDBC (`mysql/`), `sqlite:///` Python's own sqlite3 on the driver
(`sqlite.py`). Both take SQL with `?` for values.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from spark_jobs import timeline
from spark_jobs.contract import RIGHTS, TABLES, TYPES, Column
from spark_jobs.errors import JobError
from spark_jobs.session import Spark
from spark_jobs.store.address import Address
from spark_jobs.store.credentials import Credentials
from spark_jobs.store.engine import Database, LiveColumn
from spark_jobs.store.mysql.database import MySQL
from spark_jobs.store.sqlite import SQLite

ENGINES: dict[str, Callable[[Spark, Address, Credentials], Database]] = {
    "mysql": lambda spark, *target: MySQL(spark.session, *target),
    "sqlite": lambda spark, *target: SQLite(spark.context, *target),
}
GRANTS_SHOWN = 3
"""Tables for which one GRANT each is suggested; for more, one on the whole schema."""


@contextmanager
def connect(spark: Spark, address: Address, credentials: Credentials) -> Iterator[Database]:
    """Open a database, closed at the end. Raises JobError if it cannot be reached."""
    with timeline.span("connect"):
        database = ENGINES[address.engine](spark, address, credentials)
    with closing(database):
        yield database


def check_schema(database: Database) -> None:
    """Raise JobError unless the live tables can store what the contract says the job writes."""
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
            "with the site and the job at the same revision"
        )


def _check_rights(database: Database) -> None:
    denied = {table: database.denied_rights(table) for table in RIGHTS}
    lacking = {table: rights for table, rights in denied.items() if rights}
    if not lacking:
        return
    missing = ", ".join(f"{'/'.join(rights)} on {table}" for table, rights in lacking.items())
    # A user without any right to a table cannot see whether it exists.
    hidden = [table for table, rights in lacking.items() if rights == list(RIGHTS[table])]
    perhaps = f" ({', '.join(hidden)} may also not exist: if so, migrate first)" if hidden else ""
    if len(lacking) > GRANTS_SHOWN:
        lacking = {"*": ["SELECT", "INSERT", "UPDATE", "DELETE"]}
    grants = "; ".join(database.grant(rights, table) for table, rights in lacking.items())
    raise JobError(f"this user lacks {missing}{perhaps}: as the administrator, {grants}")


def _problems(table: str, live: dict[str, LiveColumn]) -> Iterator[str]:
    wanted = {column.name: column for column in TABLES[table]}
    for name, column in wanted.items():
        if name not in live:
            yield f"{table}.{name} is missing"
        else:
            yield from _differences(f"{table}.{name}", column, live[name])
    for name in live.keys() - wanted.keys():
        if not live[name].nullable and not live[name].has_default:
            yield f"{table}.{name} is required, and this job does not know it"


def _differences(name: str, wanted: Column, live: LiveColumn) -> Iterator[str]:
    if live.type not in TYPES[wanted.type]:
        yield f"{name} is {live.type}, not {wanted.type}"
    if wanted.nullable and not live.nullable:
        yield f"{name} must allow null"
