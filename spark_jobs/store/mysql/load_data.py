"""LOAD DATA LOCAL over one connection: the fastest way in, where the server allows it.

The driver writes rows to a file, and its JVM sends the file while the next one is written. A
server may ask a client that sends files for any other one, too: this connection has none to give
but those in a folder of its own.

LOCAL makes warnings of errors, and leaves a row out whose key is there already. So each file is
a transaction, committed only when all its rows have arrived and the server warned of nothing.
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
"""Bytes of rows in memory that make a file: few, for the driver holds some files' rows at once."""


@dataclass(frozen=True)
class RowFile:
    """Rows that were written to a file."""

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
    """A connection outside of any transaction, and the folder whose files it may send."""

    connection: Any
    folder: Path
    bounds: dict[str, str]

    def why_not(self, table: str) -> str:
        """Why the server, or what stands in front of it, takes no files; nothing where it does.

        A file without a row is tried. Whatever else may be wrong will be said by the way without
        files.
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
        """Add the rows. Raises JobError for any that do not arrive as they were sent."""
        with TemporaryDirectory(dir=self.folder) as name, ThreadPoolExecutor(1) as writer:
            for written in _ahead(writer, _tables(rows), Path(name)):
                self._send(written.result(), table)

    def _send(self, file: RowFile, table: str) -> None:
        try:
            _load(self.connection, file, table)
            self.connection.commit()
        except BaseException:
            # What stayed uncommitted would keep others from clearing the run's rows away.
            with suppress(Py4JJavaError):  # of a lost connection: the first error goes up
                self.connection.rollback()
            raise
        finally:
            file.path.unlink()


@contextmanager
def connected(spark: SparkSession, settings: ConnectionSettings) -> Iterator[FileConnection]:
    """Open a connection for files; it and the files are gone afterwards."""
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
    """The rows in tables of the size of a file; those of the executors come here part by part."""
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
    """Files of the tables, each handed out while the next one is being written."""
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
