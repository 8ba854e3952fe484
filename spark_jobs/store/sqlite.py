"""The embedded database: a file, written by the driver through Python's sqlite3."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from pyspark import SparkContext

from spark_jobs.console import warn
from spark_jobs.errors import JobError
from spark_jobs.model.rows import DistributedRows, Rows
from spark_jobs.store import engine
from spark_jobs.store.address import Address
from spark_jobs.store.credentials import Credentials
from spark_jobs.store.engine import LiveColumn, LockedError

BUSY_SECONDS = 30
LOCKS = Path("/proc/locks")
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
REMEDIES = {
    sqlite3.SQLITE_READONLY: "the file, its -wal and -shm beside it, and its folder must be "
    "writable for the job's user",
    sqlite3.SQLITE_CANTOPEN: "its folder must be writable, too: SQLite keeps a journal there",
    sqlite3.SQLITE_NOTADB: "name the file that the site uses, SQLITE_PATH",
    sqlite3.SQLITE_CORRUPT: "restore the file from a copy, or migrate a new one",
    sqlite3.SQLITE_FULL: "free some space, or delete old runs with `python manage.py runs purge`",
}


class SQLite:
    """See `engine.Database`. Local mode only: the file is on one machine."""

    def __init__(self, context: SparkContext, address: Address, _: Credentials) -> None:
        master = str(context.master)
        if master.split("[")[0] != "local":
            raise JobError(
                f"{address} is a file on one machine, and Spark runs on {master}: "
                "use a mysql:// address on a cluster"
            )
        self.context, self.address = context, address
        # Resolved: a link may point elsewhere by the time we publish.
        self.path = Path(address.name).resolve()
        _check_is_file(self.path)
        # isolation_level=None: transactions begin where we say so.
        with self._errors():
            self.connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)

    def close(self) -> None:
        self.connection.close()

    def reconnect(self) -> "SQLite":
        return SQLite(self.context, self.address, Credentials("", ""))

    def cipher(self) -> None:
        """A file is not reached over a network."""

    def check_writable(self) -> None:
        for path in (self.path, self.path.parent):
            if os.statvfs(path).f_flag & os.ST_RDONLY:
                raise JobError(f"{self.path} is on a read-only file system")
            if not os.access(path, os.W_OK, effective_ids=True):
                raise JobError(
                    f"{path} is not writable for this user (id {os.geteuid()}): SQLite writes the "
                    "file and, for its journal, the folder"
                )
        self.query("SELECT COUNT(*) FROM sqlite_master")  # whether this is a database at all
        with self.transaction():
            pass

    def denied_rights(self, table: str) -> list[str]:
        """None: a user who may write the file may write all of it."""
        return []

    def grant(self, rights: Sequence[str], table: str) -> str:
        raise NotImplementedError("SQLite has no users")

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
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
        # The lock is on the file itself, so all its names share it; it ends with the process.
        # SQLite's own locks are fcntl locks, which do not conflict with flock. But they are
        # lost when any descriptor of the file is closed: this one stays open.
        descriptor = os.open(self.path, os.O_RDONLY)
        if not _locked(descriptor, seconds=engine.LOCK_WAIT_SECONDS):
            holder = _holders("FLOCK", [os.fstat(descriptor).st_ino])
            raise JobError(
                f"another job is publishing into {self.path} ({holder}): "
                "wait for it to end, then run this one again"
            )
        try:
            yield
            self._write_back()
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _write_back(self) -> None:
        """Leave nothing in this name's journal if the file has other names."""
        names = self.path.stat().st_nlink
        if names > 1:
            self.query("PRAGMA wal_checkpoint(TRUNCATE)")
            warn(
                f"{self.path} has {names} names (hard links), and SQLite keeps its journal beside "
                "the name: let the site and the job open it by one of them only"
            )

    def append(self, rows: Rows, table: str) -> None:
        # The file is on the driver: rows on the executors are fetched part by part.
        distributed = isinstance(rows, DistributedRows)
        for part in rows.parts.toLocalIterator() if distributed else [rows]:
            self._append(part, table)

    def _append(self, frame: pa.Table, table: str) -> None:
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
            raise self._explained(error) from error

    def _explained(self, error: sqlite3.Error) -> JobError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest is the extended code
        if code in BUSY:
            # In WAL mode it is the file of the shared memory that is locked.
            files = (self.path, Path(f"{self.path}-shm"))
            writers = _holders("POSIX", [file.stat().st_ino for file in files if file.exists()])
            return LockedError(f"{self.path}: {error} for {BUSY_SECONDS} s by {writers}")
        remedy = REMEDIES.get(code)
        return JobError(f"{self.path}: {error}" + (f": {remedy}" if remedy else ""))


def _check_is_file(path: Path) -> None:
    try:
        path.stat()
    except PermissionError as error:
        raise JobError(
            f"{path} cannot be reached: this user has no access to its folder"
        ) from error
    except OSError:
        raise JobError(f"{path} does not exist{_about(path)}") from None
    if not path.is_file():
        raise JobError(f"{path} is not a file: give the database file, sqlite:///path")


def _about(path: Path) -> str:
    """What the address may have meant instead."""
    bare = Path(str(path).partition("?")[0])
    if bare != path and bare.is_file():
        return f", but {bare} does: SQLite addresses have no options"
    decoded = Path(unquote(str(path)))
    if decoded != path and decoded.is_file():
        return f", but {decoded} does: write the path as it is, without %"
    return ": run `python manage.py migrate` first"


def _process(pid: str) -> str:
    try:
        return f"process {pid} ({Path(f'/proc/{pid}/comm').read_text().strip()})"
    except OSError:
        return f"process {pid}"


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


def _holders(kind: str, inodes: Sequence[int]) -> str:
    """The processes with write locks of a kind (FLOCK, POSIX), as Linux lists them."""
    pids = set()
    with suppress(OSError):
        for lock in map(str.split, LOCKS.read_text().splitlines()):
            # 1: FLOCK ADVISORY WRITE 1234 08:01:5678 0 EOF; a waiting process has -> for the kind
            if lock[1] == kind and lock[3] == "WRITE" and int(lock[5].split(":")[-1]) in inodes:
                pids.add(lock[4])
    return " and ".join(map(_process, sorted(pids))) or "another process"
