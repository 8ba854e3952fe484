"""What the job needs of a database, and what both engines behind that need.

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

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that a SELECT answers."""

    def execute(self, sql: str, *values: object) -> int:
        """Run a statement; the number of rows it touched."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what happens inside as one, or nothing of it."""

    def publish_lock(self) -> AbstractContextManager[None]:
        """Be the only publisher, or raise JobError naming the other one."""

    def append(self, rows: Rows, table: str) -> None:
        """Add the rows to the columns of the same names."""

    def upsert(self, table: str, key: str, columns: Sequence[str], select: str) -> str:
        """SQL that inserts the rows of `select` (from a table named `s`) or updates them by key."""

    def live_columns(self, table: str) -> dict[str, LiveColumn]:
        """The table's columns; empty where there is no such table."""
