"""The interface of a database that the job needs, and what both engines share.

`connect` in `database.py` opens one.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from spark_jobs.errors import JobError
from spark_jobs.model.rows import Rows

LOCK_WAIT_SECONDS = 30


class LockedError(JobError):
    """Another connection holds a lock that a statement needs; a retry may succeed."""


class DisconnectedError(JobError):
    """The connection is lost; its uncommitted changes are rolled back."""


@dataclass(frozen=True)
class LiveColumn:
    """A column as the database describes it; `type` is the engine's own name, without a length."""

    type: str
    nullable: bool
    has_default: bool


class Database(Protocol):
    """What the job needs from a database. Errors of the engine are raised as JobError."""

    def close(self) -> None:
        """Close the connection, and release its lock."""

    def reconnect(self) -> "Database":
        """Open another connection to the same database."""

    def cipher(self) -> str | None:
        """The cipher of the connection, "" if it is not encrypted, None without a network."""

    def check_writable(self) -> None:
        """Raise JobError, without writing anything, if nobody can write at the moment."""

    def denied_rights(self, table: str) -> list[str]:
        """The job's rights on the table that its user lacks, found without touching a row."""

    def grant(self, rights: Sequence[str], table: str) -> str:
        """The statement with which an administrator grants the user these rights."""

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that a SELECT returns."""

    def execute(self, sql: str, *values: object) -> int:
        """Run a statement. Return the number of affected rows."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commit everything inside, or nothing."""

    def publish_lock(self) -> AbstractContextManager[None]:
        """Be the only publisher, or raise JobError that names the other one."""

    def append(self, rows: Rows, table: str) -> None:
        """Insert the rows into the columns of the same names."""

    def upsert(self, table: str, key: str, columns: Sequence[str], select: str) -> str:
        """SQL that inserts the rows of `select` (from a table named `s`) or updates them by key."""

    def live_columns(self, table: str) -> dict[str, LiveColumn]:
        """The table's columns; empty if it does not exist."""
