"""Pack columns of a run's tables, with the layouts in `spark_jobs/contract.py`.

The site reads them without numpy: `app/catalogue/packing.py`.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from spark_jobs.contract import Packed

Column = NDArray[np.number]


def pack(columns: Sequence[Column], layout: Packed) -> bytes:
    """Pack one row. A column, in layout order, is (entries,) or (entries, numbers per entry)."""
    return pack_rows(columns, np.array([0, len(columns[0])]), layout)[0]


def pack_rows(
    columns: Sequence[Column], starts: NDArray[np.integer], layout: Packed
) -> list[bytes]:
    """Pack many rows, whose entries follow one another in the columns.

    Row i has the entries from starts[i] up to starts[i + 1]. Raises OverflowError for a number
    that does not fit the layout.
    """
    parts = []
    for column, (name, code, width) in zip(columns, layout, strict=True):
        written = _little_endian(column, name, code)
        stops = (starts * width * written.itemsize).tolist()
        written_bytes = written.tobytes()
        parts.append([written_bytes[i:j] for i, j in pairwise(stops)])
    return [b"".join(row) for row in zip(*parts, strict=True)]


def _little_endian(column: Column, name: str, code: str) -> Column:
    written = column.astype(f"<{code}")
    if np.issubdtype(written.dtype, np.integer) and not np.array_equal(written, column):
        raise OverflowError(f"{name}: a number does not fit the type {code}")
    return written
