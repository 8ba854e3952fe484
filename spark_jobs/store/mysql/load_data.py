"""LOAD DATA LOCAL over one connection: the fastest way in, if the server allows it.

The driver writes rows to a file, and its JVM sends the file while the next one is written. A
server may ask a client for any other file, too: this connection can only send those in its own
folder.

LOCAL turns errors into warnings, and skips a row whose key exists. So each file is a transaction,
committed only when all its rows have arrived without a warning.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from spark_jobs.contract import TABLES
from spark_jobs.errors import JobError
from spark_jobs.model.rows import DistributedRows, Rows
from spark_jobs.store.mysql import errors
from spark_jobs.store.mysql.connection import ConnectionSettings, open_connection, quoted
from spark_jobs.store.mysql.lines import FORMAT, character_set, lines

FILE_BYTES = 4_000_000
"""Bytes of rows per file: few, because the driver has the rows of several files in memory."""


@dataclass(frozen=True)
class RowFile:
    """Rows written to a file."""

    path: Path
    schema: pa.Schema
    num_rows: int

    @classmethod
    def write(cls, path: Path, rows: pa.Table) -> "RowFile":
        """Write them."""
        path.write_bytes(lines(rows))
        return cls(path, rows.schema, rows.num_rows)


@dataclass(frozen=True)
class FileConnection:
    """A connection outside any transaction, and the folder whose files it may send."""

    connection: Any
    folder: Path
    bounds: dict[str, str]

    def why_not(self, table: str) -> str:
        """Why the server, or a proxy in front of it, takes no files; empty if it does.

        This tries a file without rows. Any other error will come up when inserting without files.
        """
        nothing = pa.schema([(column.name, pa.string()) for column in TABLES[table]])
        try:
            self._send(RowFile.write(self.folder / "0", nothing.empty_table()), table)
        except Py4JJavaError as error:
            return errors.explain(errors.cause(error), self.bounds)
        except JobError as error:
            return str(error)
        return ""

    def load(self, rows: Rows, table: str) -> None:
        """Insert the rows. Raises JobError unless all arrive as sent."""
        with TemporaryDirectory(dir=self.folder) as name, ThreadPoolExecutor(1) as writer:
            for written in _ahead(writer, _tables(rows), Path(name)):
                self._send(written.result(), table)

    def _send(self, file: RowFile, table: str) -> None:
        try:
            _load(self.connection, file, table)
            self.connection.commit()
        except BaseException:
            # An open transaction would keep others from deleting the run's rows.
            with suppress(Py4JJavaError):  # on a lost connection: raise the first error
                self.connection.rollback()
            raise
        finally:
            file.path.unlink()


@contextmanager
def connected(spark: SparkSession, settings: ConnectionSettings) -> Iterator[FileConnection]:
    """Open a connection for files; close it and delete the files at the end."""
    with TemporaryDirectory(prefix="rows-") as name:
        url = f"{settings.url}&allowLoadLocalInfileInPath={quote(name, safe='')}"
        connection = open_connection(spark, replace(settings, url=url))
        try:
            connection.setAutoCommit(False)
            yield FileConnection(connection, Path(name), settings.bounds)
        finally:
            with suppress(Py4JJavaError):
                connection.close()


def _tables(rows: Rows) -> Iterator[pa.Table]:
    """The rows in tables the size of a file; those on the executors are fetched part by part."""
    if isinstance(rows, DistributedRows):
        yield from _gathered(rows.parts.toLocalIterator())
        return
    step = max(1, FILE_BYTES * rows.num_rows // max(1, rows.nbytes))
    for start in range(0, rows.num_rows, step):
        yield rows.slice(start, step)


def _gathered(parts: Iterable[pa.Table]) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    for part in parts:
        waiting.append(part)
        if sum(table.nbytes for table in waiting) >= FILE_BYTES:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _ahead(
    writer: ThreadPoolExecutor, tables: Iterable[pa.Table], folder: Path
) -> Iterator[Future[RowFile]]:
    """Yield the tables' files, each while the next one is being written."""
    before: Future[RowFile] | None = None
    for number, table in enumerate(tables):
        begun = writer.submit(RowFile.write, folder / str(number), table)
        if before:
            yield before
        before = begun
    if before:
        yield before


def _load(connection: Any, file: RowFile, table: str) -> None:
    names = ", ".join(map(quoted, file.schema.names))
    sql = (
        f"LOAD DATA LOCAL INFILE ? INTO TABLE {table}"
        f" CHARACTER SET {character_set(file.schema)} {FORMAT} ({names})"
    )
    with closing(connection.prepareStatement(sql)) as statement:
        statement.setString(1, str(file.path))
        arrived = int(statement.executeUpdate())
        warning = _first_warning(statement)
    if warning or arrived != file.num_rows:
        raise JobError(
            f"{table}: {arrived:,} of {file.num_rows:,} rows arrived, and the server says "
            f"{warning or 'nothing'!r}; nothing was published"
        )


def _first_warning(statement: Any) -> str:
    with closing(statement.executeQuery("SHOW WARNINGS LIMIT 1")) as result:
        return str(result.getString("Message")) if result.next() else ""
