"""Convert rows to the lines that LOAD DATA reads, exact to the last bit.

This is done column by column with pyarrow, which writes the shortest text that reads back as the
same double. Times are already text (`store/tables.py`).
"""

import pyarrow as pa
import pyarrow.compute as pc

FORMAT = "FIELDS TERMINATED BY 0x09 ESCAPED BY 0x5C LINES TERMINATED BY 0x0A"
"""The format for LOAD DATA, in hex, which means the same in every `sql_mode`."""
ESCAPES = ((b"\\", b"\\\\"), (b"\t", b"\\\t"), (b"\n", b"\\\n"))
"""The backslash comes first, so that those of the others are not escaped again."""
NULL = pa.scalar(rb"\N", pa.large_binary())
TAB = pa.scalar(b"\t", pa.large_binary())
NEWLINE = pa.scalar(b"\n", pa.large_binary())
NOTHING = pa.scalar(b"", pa.large_binary())
NUMBERS = (pa.int64(), pa.int32(), pa.float64())


def character_set(schema: pa.Schema) -> str:
    """The character set for LOAD DATA.

    Only `binary` keeps packed bytes, but MySQL cannot read JSON from it; no table has both.
    """
    return "binary" if pa.binary() in schema.types else "utf8mb4"


def lines(rows: pa.Table) -> pa.Buffer:
    """Convert the rows, one line each."""
    *others, last = (_fields(column.combine_chunks()) for column in rows.columns)
    ended = pc.binary_join_element_wise(last, NOTHING, NEWLINE)
    joined = pc.binary_join_element_wise(*others, ended, TAB)
    return joined.buffers()[2].slice(0, joined.total_values_length)


def _fields(column: pa.Array) -> pa.Array:
    if column.type in NUMBERS:
        fields = column.cast(pa.string()).cast(pa.large_binary())
    else:
        fields = column.cast(pa.large_binary())
        for special, escaped in ESCAPES:
            fields = pc.replace_substring(fields, special, escaped)
    return pc.fill_null(fields, NULL)
