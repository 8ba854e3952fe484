"""The ways to insert rows into MariaDB and MySQL, for `bin/bench jdbc`.

All use the driver's JVM, because a cluster has no other client. Python makes the bytes column by
column and writes them to files in a folder; the JVM sends these.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark import SparkContext
from pyspark.sql import SparkSession

from spark_jobs.contract import HALF_STAR_COLUMNS
from spark_jobs.store.mysql.connection import ConnectionSettings, open_connection, quoted
from spark_jobs.store.mysql.connector import DRIVER
from spark_jobs.store.mysql.lines import FORMAT, character_set, lines

JSON_TYPES = {
    pa.int64(): "BIGINT",
    pa.int32(): "INT",
    pa.float64(): "DOUBLE",
    pa.string(): "VARCHAR(1000)",
    pa.binary(): "LONGTEXT",
}


@dataclass(frozen=True)
class Sender:
    """Sends rows to a table over several connections at once, a file of so many rows each time."""

    spark: SparkSession
    settings: ConnectionSettings
    folder: Path
    rows_each: int
    connections: int = 1
    session: str = ""
    options: str = ""

    def send(self, rows: pa.Table, table: str, prepare: "Prepare") -> None:
        """Let one thread write, send and delete each file, so that writing overlaps sending."""
        starts = range(0, rows.num_rows, self.rows_each)
        shares = [starts[first :: self.connections] for first in range(self.connections)]
        with ThreadPoolExecutor(self.connections) as pool:
            list(pool.map(lambda share: self._send(rows, table, prepare, share), shares))

    def _send(self, rows: pa.Table, table: str, prepare: "Prepare", starts: range) -> None:
        url = self.settings.url + self.options
        connection = open_connection(self.spark, replace(self.settings, url=url))
        with closing(connection), closing(connection.createStatement()) as statement:
            if self.session:
                statement.execute(f"SET {self.session}")
            for start in starts:
                self._send_file(statement, rows.slice(start, self.rows_each), table, prepare)

    def _send_file(self, statement: Any, rows: pa.Table, table: str, prepare: "Prepare") -> None:
        file = self.folder / f"{id(statement)}.rows"
        execute = prepare(rows, table, file)
        arrived = execute(self.spark._jvm, statement)
        file.unlink()
        assert arrived == rows.num_rows, f"{arrived} of {rows.num_rows}"


Prepare = Callable[[pa.Table, str, Path], Callable[[Any, Any], int]]


def load_data(rows: pa.Table, table: str, file: Path) -> Callable[[Any, Any], int]:
    """LOAD DATA LOCAL INFILE of lines."""
    file.write_bytes(lines(rows))
    names = ", ".join(map(quoted, rows.column_names))
    sql = (
        f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {table}"
        f" CHARACTER SET {character_set(rows.schema)} {FORMAT} ({names})"
    )
    return lambda _, statement: int(statement.executeUpdate(sql))


def in_one_column(rows: pa.Table) -> pa.Table:
    """The ten half-star counts as the 40 bytes of one column."""
    counts = np.column_stack([rows[name].to_numpy() for name in HALF_STAR_COLUMNS])
    written = counts.astype("<i4").tobytes()
    packed = [written[start : start + 40] for start in range(0, len(written), 40)]
    others = rows.drop_columns(list(HALF_STAR_COLUMNS))
    return others.append_column("half_stars", pa.array(packed, pa.binary()))


def insert_text(rows: pa.Table, table: str, file: Path) -> Callable[[Any, Any], int]:
    """One INSERT with the values in its text, which the JVM reads from a file."""
    file.write_bytes(_insert(rows, table))

    def execute(java: Any, statement: Any) -> int:
        # Reflection, because py4j would copy a String to Python and back.
        gateway: Any = SparkContext._gateway
        classes = gateway.new_array(java.java.lang.Class, 1)
        classes[0] = java.java.lang.Class.forName("java.lang.String")
        interface = java.java.lang.Class.forName("java.sql.Statement")
        method = interface.getMethod("executeUpdate", classes)
        read = java.java.nio.file.Files.readAllLines(java.java.io.File(str(file)).toPath())
        return int(method.invoke(statement, read.toArray()))

    return execute


def insert_text_over_py4j(rows: pa.Table, table: str, file: Path) -> Callable[[Any, Any], int]:
    """One INSERT with the values in its text, which goes through py4j's socket."""
    sql = str(_insert(rows, table), "utf-8")
    file.touch()
    return lambda _, statement: int(statement.executeUpdate(sql))


def _insert(rows: pa.Table, table: str) -> bytes:
    names = ", ".join(map(quoted, rows.column_names))
    values = memoryview(_joined(rows, b",(", b")", b",", _sql_literal))[1:]
    return b"".join((f"INSERT INTO {table} ({names}) VALUES ".encode(), values))


def json_table(rows: pa.Table, table: str, file: Path) -> Callable[[Any, Any], int]:
    """INSERT ... SELECT ... FROM JSON_TABLE of one array of arrays."""
    with file.open("wb") as out:
        out.write(b"[")
        out.write(memoryview(_joined(rows, b",[", b"]", b",", _json_literal))[1:])
        out.write(b"]")
    sql = _json_insert(rows.schema, table)

    def execute(java: Any, statement: Any) -> int:
        with closing(statement.getConnection().prepareStatement(sql)) as prepared:
            path = java.java.io.File(str(file)).toPath()
            prepared.setCharacterStream(1, java.java.nio.file.Files.newBufferedReader(path))
            return int(prepared.executeUpdate())

    return execute


def _json_insert(schema: pa.Schema, table: str) -> str:
    names = ", ".join(quoted(field.name) for field in schema)
    values = ", ".join(
        f"UNHEX(j.c{place})" if field.type == pa.binary() else f"j.c{place}"
        for place, field in enumerate(schema)
    )
    columns = ", ".join(
        f"c{place} {JSON_TYPES[field.type]} PATH '$[{place}]'" for place, field in enumerate(schema)
    )
    return (
        f"INSERT INTO {table} ({names})"
        f" SELECT {values} FROM JSON_TABLE(?, '$[*]' COLUMNS ({columns})) AS j"
    )


def _joined(
    rows: pa.Table,
    begin: bytes,
    end: bytes,
    between: bytes,
    literal: Callable[[pa.Array], pa.Array],
) -> pa.Buffer:
    *others, last = (literal(column.combine_chunks()) for column in rows.columns)
    first = pc.binary_join_element_wise(_large(begin), others[0], _large(b""))
    ended = pc.binary_join_element_wise(last, _large(end), _large(b""))
    joined = pc.binary_join_element_wise(first, *others[1:], ended, _large(between))
    return joined.buffers()[2].slice(0, joined.total_values_length)


def _sql_literal(column: pa.Array) -> pa.Array:
    return _literal(column, b"NULL", (b"'", b"'"), (b"x'", b"'"))


def _json_literal(column: pa.Array) -> pa.Array:
    return _literal(column, b"null", (b'"', b'"'), (b'"', b'"'))


def _literal(
    column: pa.Array, null: bytes, text: tuple[bytes, bytes], binary: tuple[bytes, bytes]
) -> pa.Array:
    """Literals of this table's columns: its only text is times, with nothing to escape."""
    if column.type == pa.string():
        fields = _enclosed(pc.cast(column, pa.large_binary()), *text)
    elif column.type == pa.binary():
        hexes = [None if one is None else one.hex().encode() for one in column.to_pylist()]
        fields = _enclosed(pa.array(hexes, pa.large_binary()), *binary)
    else:
        fields = pc.cast(pc.cast(column, pa.string()), pa.large_binary())
    return pc.fill_null(fields, _large(null))


def _enclosed(fields: pa.Array, begin: bytes, end: bytes) -> pa.Array:
    return pc.binary_join_element_wise(_large(begin), fields, _large(end), _large(b""))


def _large(value: bytes) -> pa.Scalar:
    return pa.scalar(value, pa.large_binary())


def spark_writer(
    spark: SparkSession,
    settings: ConnectionSettings,
    *,
    batch_rows: int,
    partitions: int,
    options: str = "",
) -> Callable[[pa.Table, str], None]:
    """Spark's own JDBC writer, which binds the values of each row one by one."""

    def write(rows: pa.Table, table: str) -> None:
        for part in _parts(rows, 100_000 * partitions // 2):
            share = -(-part.num_rows // partitions)
            spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", share)
            properties = {"driver": DRIVER, "batchsize": str(batch_rows), **settings.properties}
            spark.createDataFrame(part).write.jdbc(
                settings.url + options, table, mode="append", properties=properties
            )

    return write


def _parts(rows: pa.Table, rows_each: int) -> Iterator[pa.Table]:
    for start in range(0, rows.num_rows, rows_each):
        yield rows.slice(start, rows_each)
