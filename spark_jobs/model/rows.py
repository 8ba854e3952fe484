"""Rows of a table to be published: an Arrow table on the driver, or rows on the executors."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from pyspark import RDD


@dataclass(frozen=True)
class DistributedRows:
    """Arrow tables on the executors, `num_rows` rows in all."""

    parts: RDD[pa.Table]
    num_rows: int


Rows: TypeAlias = "pa.Table | DistributedRows"


def with_run(rows: Rows, run: int) -> Rows:
    """The rows with the id of their run as the first column."""
    if isinstance(rows, DistributedRows):
        return DistributedRows(rows.parts.map(lambda part: _with_run(part, run)), rows.num_rows)
    return _with_run(rows, run)


def _with_run(rows: pa.Table, run: int) -> pa.Table:
    return rows.add_column(0, "run_id", pa.array(np.full(rows.num_rows, run)))
