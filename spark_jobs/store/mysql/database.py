"""MySQL and MariaDB through JDBC: the driver runs all statements but Spark's own INSERT.

The driver speaks `java.sql` through py4j, so a cluster needs no MySQL package for Python.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from spark_jobs.console import warn
from spark_jobs.contract import RIGHTS, TABLES, publish_lock_name
from spark_jobs.errors import JobError
from spark_jobs.model.rows import Rows
from spark_jobs.store import engine
from spark_jobs.store.address import Address
from spark_jobs.store.credentials import Credentials
from spark_jobs.store.engine import DisconnectedError, LiveColumn, LockedError
from spark_jobs.store.mysql import errors, insert, load_data
from spark_jobs.store.mysql.connection import ConnectionSettings, open_connection, quoted
from spark_jobs.store.mysql.connector import load_driver
from spark_jobs.store.mysql.load_data import FileConnection

SLOW_ROWS = 100_000
"""Number of rows from which a slow insert is worth a warning."""
INSTEAD_OF_FILES = (
    "rows go in as INSERT, which is slower; if you can, allow files on the server: "
    "SET GLOBAL local_infile = 1, or local_infile in its parameter group"
)
IN_TRANSACTION = (
    "SELECT p.id, p.user, p.host, TIMESTAMPDIFF(SECOND, t.trx_started, NOW())"
    " FROM information_schema.innodb_trx AS t"
    " JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id"
    " WHERE p.id <> CONNECTION_ID() AND t.trx_rows_locked > 0 ORDER BY t.trx_started LIMIT 3"
)
WITH_TABLE_LOCKS = (
    "SELECT DISTINCT t.processlist_id, t.processlist_user, t.processlist_host, t.processlist_time"
    " FROM performance_schema.metadata_locks AS m"
    " JOIN performance_schema.threads AS t ON t.thread_id = m.owner_thread_id"
    " WHERE m.lock_status = 'GRANTED' AND t.processlist_id <> CONNECTION_ID()"
    " AND m.lock_type IN ('SHARED_NO_WRITE', 'SHARED_READ_ONLY', 'SHARED_NO_READ_WRITE',"
    " 'EXCLUSIVE') LIMIT 3"
)


class MySQL:
    """See `engine.Database`."""

    def __init__(self, spark: SparkSession, address: Address, credentials: Credentials) -> None:
        self.spark, self.address, self.credentials = spark, address, credentials
        self.settings = ConnectionSettings.of(address, credentials)
        load_driver(spark)
        self.files: FileConnection | None = None
        self.no_files = ""
        self.warned = False
        self.opened = ExitStack()
        self.connection: Any = open_connection(spark, self.settings)

    def close(self) -> None:
        self.opened.close()
        with suppress(Py4JJavaError):
            self.connection.close()

    def reconnect(self) -> "MySQL":
        return MySQL(self.spark, self.address, self.credentials)

    def cipher(self) -> str:
        ((_, cipher),) = self.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        return str(cipher)

    def check_writable(self) -> None:
        """Do nothing: `denied_rights` tries statements that a read-only server refuses."""

    def denied_rights(self, table: str) -> list[str]:
        # The WHERE matches no row, and the server checks the rights anyway.
        names = ", ".join(quoted(column.name) for column in TABLES[table])
        text = next((column.name for column in TABLES[table] if column.type == "text"), "")
        values = ", ".join("NULL" for _ in TABLES[table])
        statements = {
            "SELECT": f"SELECT {names} FROM {table} WHERE 1 = 0",
            "INSERT": f"INSERT INTO {table} ({names}) SELECT {values} FROM DUAL WHERE 1 = 0",
            "UPDATE": f"UPDATE {table} SET {text} = '' WHERE 1 = 0",
            "DELETE": f"DELETE FROM {table} WHERE 1 = 0",
        }
        return [right for right in RIGHTS[table] if self._is_denied(statements[right])]

    def _is_denied(self, statement: str) -> bool:
        try:
            with self._errors(), closing(self._prepare(statement, ())) as prepared:
                prepared.execute()
        except StatementError as error:
            if error.code in errors.DENIED:
                return True
            if error.code not in errors.MISSING:
                raise
        return False

    def grant(self, rights: Sequence[str], table: str) -> str:
        ((account,),) = self.query("SELECT CURRENT_USER()")
        user, _, host = account.rpartition("@")
        schema = quoted(self.address.name)
        return f"GRANT {', '.join(rights)} ON {schema}.{table} TO '{user}'@'{host}'"

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._errors(), closing(self._prepare(sql, values)) as statement:
            return list(_rows(statement.executeQuery()))

    def execute(self, sql: str, *values: object) -> int:
        with self._errors(), closing(self._prepare(sql, values)) as statement:
            return int(statement.executeUpdate())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._errors():
            self.connection.setAutoCommit(False)
            try:
                yield
                self.connection.commit()
            except BaseException:
                with suppress(Py4JJavaError):  # on a lost connection: raise the first error
                    self.connection.rollback()
                raise
            finally:
                with suppress(Py4JJavaError):
                    self.connection.setAutoCommit(True)

    @contextmanager
    def publish_lock(self) -> Iterator[None]:
        # A named lock belongs to its connection and dies with it.
        name = publish_lock_name(self.address.name)
        wait = engine.LOCK_WAIT_SECONDS
        if self.query("SELECT GET_LOCK(?, ?)", name, wait) != [(1,)]:
            raise JobError(
                f"another job is publishing into {self.address} ({self._holder(name)}): "
                "wait for it to end, then run this one again"
            )
        yield
        with suppress(DisconnectedError):
            self.query("SELECT RELEASE_LOCK(?)", name)

    def _holder(self, lock: str) -> str:
        rows = self.query(
            "SELECT id, user, host FROM information_schema.processlist WHERE id = IS_USED_LOCK(?)",
            lock,
        )
        return "".join(f"connection {id_} of {user} from {host}" for id_, user, host in rows)

    def append(self, rows: Rows, table: str) -> None:
        with self._errors():
            if files := self._files(table):
                files.load(rows, table)
            else:
                self._warn_of_insert(rows)
                insert.insert(self.spark, self.settings, rows, table)

    def _files(self, table: str) -> FileConnection | None:
        """The connection for LOAD DATA LOCAL, checked once; None if the server takes no files."""
        if not self.files and not self.no_files:
            files = self.opened.enter_context(load_data.connected(self.spark, self.settings))
            self.no_files = files.why_not(table)
            if self.no_files:
                self.opened.close()
            else:
                self.files = files
        return self.files

    def _warn_of_insert(self, rows: Rows) -> None:
        if not self.warned and rows.num_rows >= SLOW_ROWS:
            warn(f"LOAD DATA LOCAL: {self.no_files}; {INSTEAD_OF_FILES}")
            self.warned = True

    def upsert(self, table: str, key: str, columns: Sequence[str], select: str) -> str:
        updates = ", ".join(f"{name} = s.{name}" for name in columns)
        names = ", ".join((key, *columns))
        return f"INSERT INTO {table} ({names}) {select} ON DUPLICATE KEY UPDATE {updates}"

    def live_columns(self, table: str) -> dict[str, LiveColumn]:
        rows = self.query(
            "SELECT column_name, data_type, is_nullable, column_default, extra"
            " FROM information_schema.columns WHERE table_schema = ? AND table_name = ?",
            self.address.name,
            table,
        )
        return {
            name: LiveColumn(
                type=type_.lower(),
                nullable=nullable == "YES",
                has_default=default is not None or "auto_increment" in extra,
            )
            for name, type_, nullable, default, extra in rows
        }

    def _prepare(self, sql: str, values: Sequence[object]) -> Any:
        statement = self.connection.prepareStatement(sql)
        for place, value in enumerate(values, start=1):
            statement.setObject(place, value)
        return statement

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except Py4JJavaError as error:
            raise self._explained(error) from error

    def _explained(self, error: Py4JJavaError) -> JobError:
        cause = errors.cause(error)
        code = errors.code(cause)
        message = f"{self.address}: {errors.explain(cause, self.settings.bounds)}"
        if errors.is_disconnected(cause):
            return DisconnectedError(message)
        if code == errors.LOCK_WAIT_TIMEOUT:
            return LockedError(f"{message}, {self._lock_holders()}")
        return LockedError(message) if code in errors.LOCKED else StatementError(message, code)

    def _lock_holders(self) -> str:
        """Who may hold the lock; only a user with the right PROCESS sees others' transactions."""
        for question in (IN_TRANSACTION, WITH_TABLE_LOCKS):
            with suppress(JobError):
                if rows := self.query(question):
                    return "it seems " + " or ".join(
                        f"connection {id_} of {user} from {host} (for {seconds} s)"
                        for id_, user, host, seconds in rows
                    )
        return (
            "whom this user cannot see without GRANT PROCESS ON *.*; an administrator can look in "
            "information_schema.innodb_trx"
        )


class StatementError(JobError):
    """A statement that the server refused, with the server's error number."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def _rows(result: Any) -> Iterator[tuple[Any, ...]]:
    columns = range(1, result.getMetaData().getColumnCount() + 1)
    while result.next():
        yield tuple(result.getObject(column) for column in columns)
