"""Spark's own JDBC writer: INSERT from the executors, for servers that take no files."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.model.rows import DistributedRows, Rows
from spark_jobs.store.mysql.connection import ConnectionSettings
from spark_jobs.store.mysql.connector import DRIVER

BATCH_ROWS = 1_000
MOST_ROWS_AT_ONCE = 100_000
"""Rows that pass through the driver at a time, because its memory is small."""
MOST_WRITERS = 8
"""Parallel connections: a large cluster must not overwhelm a small database."""
SQL_TYPES = {
    pa.int64(): "bigint",
    pa.int32(): "int",
    pa.float64(): "double",
    pa.string(): "string",
    pa.binary(): "binary",
}


def insert(spark: SparkSession, settings: ConnectionSettings, rows: Rows, table: str) -> None:
    """Insert the rows, each partition in its own transaction."""
    properties = {"driver": DRIVER, "batchsize": str(BATCH_ROWS), **settings.properties}
    for frame in _frames(spark, rows):
        frame.write.jdbc(settings.url, table, mode="append", properties=properties)


def _frames(spark: SparkSession, rows: Rows) -> Iterator[DataFrame]:
    """The rows as Spark DataFrames, so that each executor writes its part."""
    if isinstance(rows, DistributedRows):
        yield _gathered(spark, rows)
        return
    for first in range(0, rows.num_rows, MOST_ROWS_AT_ONCE):
        yield _spread(spark, rows.slice(first, MOST_ROWS_AT_ONCE))


def _gathered(spark: SparkSession, rows: DistributedRows) -> DataFrame:
    """The rows on the executors, in as many parts as may write at once."""
    columns = rows.parts.map(lambda part: part.schema).first()
    parts = rows.parts.coalesce(MOST_WRITERS).flatMap(_tuples)
    return spark.createDataFrame(parts, _fields(columns), verifySchema=False)


def _tuples(part: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in part.columns), strict=True)


def _fields(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {SQL_TYPES[field.type]}" for field in schema)


def _spread(spark: SparkSession, frame: pa.Table) -> DataFrame:
    writers = min(MOST_WRITERS, spark.sparkContext.defaultParallelism)
    if spark.version < "4":  # 3.5 needs pandas for an Arrow table
        rows = spark.createDataFrame(list(_tuples(frame)), _fields(frame.schema))
        return rows.repartition(writers)
    share = -(-frame.num_rows // writers)
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", share)  # one batch per partition
    return spark.createDataFrame(frame)
