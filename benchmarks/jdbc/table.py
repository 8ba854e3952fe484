"""The table of `bin/bench jdbc`: each way by its name."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from benchmarks.jdbc.ways import (
    Prepare,
    Sender,
    in_one_column,
    insert_text,
    insert_text_over_py4j,
    json_table,
    load_data,
    spark_writer,
)
from spark_jobs.contract import HALF_STAR_COLUMNS
from spark_jobs.store.mysql.database import MySQL
from tests.support.targets import MariaDBTarget

TABLE = "app_recommendationdata"
KEYLESS, WIDE = f"{TABLE}_keyless", f"{TABLE}_wide"
IN_ONE_COLUMN = "LOAD DATA, 25,000 rows, 2 connections, half-star counts in one column"
Way = Callable[[pa.Table, str], None]


def make_other_tables(target: MariaDBTarget) -> None:
    """One without its key, and one with the half-star counts in one column."""
    target.execute(f"CREATE TABLE {KEYLESS} LIKE {TABLE}")
    target.execute(f"ALTER TABLE {KEYLESS} DROP PRIMARY KEY")
    target.execute(f"CREATE TABLE {WIDE} LIKE {TABLE}")
    drops = ", ".join(f"DROP COLUMN {name}" for name in HALF_STAR_COLUMNS)
    target.execute(f"ALTER TABLE {WIDE} {drops}, ADD COLUMN half_stars LONGBLOB NOT NULL")


def all_ways(target: MariaDBTarget, job: MySQL, folder: Path) -> dict[str, Way]:
    """The job's own first: within a publish, and with all that a publish opens and checks first."""
    senders = _Senders(target, job, folder)
    return {
        "this job": job.append,
        "this job, connecting anew": partial(_append_anew, job),
        **senders.files(),
        **senders.texts(),
        **_spark_writers(job),
    }


def _append_anew(job: MySQL, rows: pa.Table, table: str) -> None:
    with closing(job.reconnect()) as other:
        other.append(rows, table)


class _Senders:
    def __init__(self, target: MariaDBTarget, job: MySQL, folder: Path) -> None:
        self.target, self.job, self.folder = target, job, folder
        self.infile = f"&allowLoadLocalInfileInPath={quote(str(folder), safe='')}"

    def files(self) -> dict[str, Way]:
        """Ways of LOAD DATA."""
        unchecked = "unique_checks = 0, foreign_key_checks = 0"
        return {
            "LOAD DATA, 25,000 rows": self._load(25_000),
            "LOAD DATA, 100,000 rows": self._load(100_000),
            "LOAD DATA, 25,000 rows, 2 connections": self._load(25_000, 2),
            "LOAD DATA, 25,000 rows, 4 connections": self._load(25_000, 4),
            "LOAD DATA, 25,000 rows, 2 connections, unchecked": self._load(
                25_000, 2, session=unchecked
            ),
            "LOAD DATA, 25,000 rows, 2 connections, `useCompression`": self._load(
                25_000, 2, more="&useCompression=true"
            ),
            "LOAD DATA, 25,000 rows, 2 connections, without a key, then INSERT ... SELECT": (
                self._staged
            ),
            IN_ONE_COLUMN: lambda rows, _: self._load(25_000, 2)(in_one_column(rows), WIDE),
        }

    def texts(self) -> dict[str, Way]:
        """Ways of INSERT, with many rows per statement."""
        return {
            "INSERT as text, 1,000 rows": self._sent(insert_text, 1_000),
            "INSERT as text, 10,000 rows": self._sent(insert_text, 10_000),
            "INSERT as text, 10,000 rows, through py4j": self._sent(insert_text_over_py4j, 10_000),
            "INSERT as text, 10,000 rows, 2 connections": self._sent(insert_text, 10_000, 2),
            "INSERT as text, 10,000 rows, 4 connections": self._sent(insert_text, 10_000, 4),
            "JSON_TABLE, 10,000 rows": self._sent(json_table, 10_000),
            "JSON_TABLE, 10,000 rows, 2 connections": self._sent(json_table, 10_000, 2),
        }

    def _load(self, rows_each: int, connections: int = 1, more: str = "", **others: Any) -> Way:
        return self._sent(load_data, rows_each, connections, options=self.infile + more, **others)

    def _sent(self, prepare: Prepare, rows_each: int, connections: int = 1, **others: Any) -> Way:
        spark, settings = self.job.spark, self.job.settings
        sender = Sender(spark, settings, self.folder, rows_each, connections, **others)
        return lambda rows, table: sender.send(rows, table, prepare)

    def _staged(self, rows: pa.Table, table: str) -> None:
        self._load(25_000, 2)(rows, KEYLESS)
        names = ", ".join(f"`{name}`" for name in rows.column_names)
        self.target.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {KEYLESS}")
        self.target.execute(f"TRUNCATE {KEYLESS}")


def _spark_writers(job: MySQL) -> dict[str, Way]:
    def written(batch_rows: int, partitions: int, options: str = "") -> Way:
        return spark_writer(
            job.spark, job.settings, batch_rows=batch_rows, partitions=partitions, options=options
        )

    kept = "&cachePrepStmts=true&prepStmtCacheSqlLimit=1000000"
    unchecked = "&sessionVariables=unique_checks=0,foreign_key_checks=0"
    name = "Spark's writer, 1,000 rows, 2 partitions"
    return {
        "Spark's writer, 1,000 rows, 1 partition": written(1_000, 1),
        name: written(1_000, 2),
        "Spark's writer, 1,000 rows, 4 partitions": written(1_000, 4),
        "Spark's writer, 100 rows, 2 partitions": written(100, 2),
        "Spark's writer, 10,000 rows, 2 partitions": written(10_000, 2),
        f"{name}, unchecked": written(1_000, 2, unchecked),
        f"{name}, `useCompression`": written(1_000, 2, "&useCompression=true"),
        f"{name}, `cachePrepStmts`": written(1_000, 2, kept),
        f"{name}, `useServerPrepStmts`": written(1_000, 2, f"&useServerPrepStmts=true{kept}"),
    }
