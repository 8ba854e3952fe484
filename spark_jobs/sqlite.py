"""The embedded database: a file, written by the driver through Python's sqlite3."""

import fcntl
import os
import socket
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
from pyspark.sql import SparkSession

from spark_jobs import database
from spark_jobs.credentials import Credentials
from spark_jobs.database import Address, LiveColumn
from spark_jobs.errors import JobError

BUSY_SECONDS = 30


class SQLite:
    """See `database.Database`. Local mode only: the file lies on one machine."""

    def __init__(self, spark: SparkSession, address: Address, _: Credentials) -> None:
        master = str(spark.sparkContext.master)
        if master.split("[")[0] != "local":
            raise JobError(
                f"{address} is a file on one machine, and Spark runs on {master}: "
                "use a mysql:// address on a cluster"
            )
        self.path = Path(address.name)
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
        # flock dies with the process, so a crash leaves no lock behind.
        with open(f"{self.path}.publish-lock", "a+") as file:
            if not _locked(file, seconds=database.LOCK_WAIT_SECONDS):
                raise JobError(
                    f"another job is publishing into {self.path} ({_content(file)}): "
                    "wait for it to end, then run this one again"
                )
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}")
            file.flush()
            yield

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
            raise JobError(f"{self.path}: {error}") from error


def _locked(file: IO[str], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        else:
            return True


def _content(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
