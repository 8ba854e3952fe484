"""The embedded database: a file, written by the driver through Python's sqlite3."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession

from spark_jobs import database
from spark_jobs.credentials import Credentials
from spark_jobs.database import Address, LiveColumn
from spark_jobs.errors import JobError
from spark_jobs.progress import warn

BUSY_SECONDS = 30
LOCKS = Path("/proc/locks")
FULL = "free some space, or clear old runs away with `python manage.py runs purge`"


class SQLite:
    """See `database.Database`. Local mode only: the file lies on one machine."""

    def __init__(self, spark: SparkSession, address: Address, _: Credentials) -> None:
        master = str(spark.sparkContext.master)
        if master.split("[")[0] != "local":
            raise JobError(
                f"{address} is a file on one machine, and Spark runs on {master}: "
                "use a mysql:// address on a cluster"
            )
        self.path = Path(
            address.name
        ).resolve()  # a link may point elsewhere by the time we publish
        if not self.path.is_file():
            raise JobError(f"{self.path} does not exist: run `python manage.py migrate` first")
        # isolation_level=None: transactions begin where we say so.
        self.connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)

    def close(self) -> None:
        self.connection.close()

    def query(self, sql: str, *values: object) -> list[tuple]:
        with self._errors():
            return self.connection.execute(sql, values).fetchall()

    def execute(self, sql: str, *values: object) -> int:
        with self._errors():
            return self.connection.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.rollback()
            raise

    @contextmanager
    def publish_lock(self) -> Iterator[None]:
        # The lock lies on the file itself, so that all its names meet the same one; it dies with
        # the process. SQLite's own locks are fcntl's, which flock leaves alone. But they are
        # lost when any descriptor of the file is closed: this one stays open.
        descriptor = os.open(self.path, os.O_RDONLY)
        if not _locked(descriptor, seconds=database.LOCK_WAIT_SECONDS):
            raise JobError(
                f"another job is publishing into {self.path} ({_holder(descriptor)}): "
                "wait for it to end, then run this one again"
            )
        try:
            yield
            self._write_back()
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _write_back(self) -> None:
        """Leave nothing in the journal of this name where the file has others."""
        names = self.path.stat().st_nlink
        if names > 1:
            self.query("PRAGMA wal_checkpoint(TRUNCATE)")
            warn(
                f"{self.path} has {names} names (hard links), and SQLite keeps its journal beside "
                "the name: let the site and the job open it by one of them only"
            )

    def append(self, frame: pa.Table, table: str) -> None:
        names = ", ".join(f'"{name}"' for name in frame.column_names)
        marks = ", ".join("?" for _ in frame.column_names)
        rows = zip(*(column.to_pylist() for column in frame.columns), strict=True)
        with self._errors(), self.transaction():
            self.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

    def upsert(self, table: str, key: str, columns: Sequence[str], select: str) -> str:
        updates = ", ".join(f"{name} = excluded.{name}" for name in columns)
        names = ", ".join((key, *columns))
        return f"INSERT INTO {table} ({names}) {select} ON CONFLICT ({key}) DO UPDATE SET {updates}"

    def live_columns(self, table: str) -> dict[str, LiveColumn]:
        rows = self.query(
            'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)', table
        )
        return {
            name: LiveColumn(
                type=type_.split("(")[0].split()[0].lower(),
                nullable=not notnull,
                # An integer primary key numbers itself.
                has_default=default is not None or (pk and type_.lower() == "integer"),
            )
            for name, type_, notnull, default, pk in rows
        }

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
            remedy = f": {FULL}" if full else ""
            raise JobError(f"{self.path}: {error}{remedy}") from error


def _locked(descriptor: int, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        else:
            return True


def _holder(descriptor: int) -> str:
    """Who has the lock, as far as Linux tells."""
    inode = f":{os.fstat(descriptor).st_ino} "
    with suppress(OSError):
        for lock in LOCKS.read_text().splitlines():
            # 1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF
            if " FLOCK " in lock and inode in lock and " -> " not in lock:
                return f"process {lock.split()[4]}"
    return "an unknown process"
