"""Convert Parquet to CSV text, so that the same rules apply to every row."""

import io
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from spark_jobs.input.formats.file_format import LIST_SEPARATOR

OTHER_TEXT = ("large_string", "string_view", "binary", "large_binary")
BLOCK_ROWS = 200_000
SAMPLE_ROWS = 2_000


def column_names(stream: pa.NativeFile) -> list[str]:
    """The column names in the schema."""
    return list(pq.ParquetFile(stream).schema_arrow.names)


def row_groups(stream: pa.NativeFile) -> int:
    """The number of row groups."""
    return int(pq.ParquetFile(stream).num_row_groups)


def first_rows(stream: pa.NativeFile, columns: Sequence[str]) -> bytes:
    """The first rows as CSV without a header."""
    batches = pq.ParquetFile(stream).iter_batches(SAMPLE_ROWS, columns=list(columns))
    batch = next(batches, None)
    return b"" if batch is None else _as_text(pa.table(batch).select(list(columns)))


def blocks(stream: pa.NativeFile, groups: Sequence[int], columns: Sequence[str]) -> Iterator[bytes]:
    """The rows of some row groups as CSV without a header."""
    file = pq.ParquetFile(stream)
    for batch in file.iter_batches(BLOCK_ROWS, row_groups=list(groups), columns=list(columns)):
        yield _as_text(pa.table(batch).select(list(columns)))


def _as_text(table: pa.Table) -> bytes:
    plain = pa.table([_plain(column) for column in table.columns], names=table.column_names)
    # Only text is quoted, as it may contain line breaks, tabs and NUL; pyarrow converts unquoted
    # numbers in one go.
    has_text = any(pa.types.is_string(column.type) for column in plain.columns)
    text = io.BytesIO()
    style = "all_valid" if has_text else "needed"
    pa_csv.write_csv(plain, text, pa_csv.WriteOptions(include_header=False, quoting_style=style))
    return text.getvalue()


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        joined = pc.binary_join(column.cast(pa.list_(pa.string())), LIST_SEPARATOR)
        return pc.binary_join_element_wise(joined, "", LIST_SEPARATOR)
    if pa.types.is_decimal(kind) or str(kind) in OTHER_TEXT:
        return column.cast(pa.string())
    return column
