"""Lines and records: a quoted field may contain a line break, so a record may span lines.

An unclosed quote must not swallow the rest of a file: after MOST_LINES lines or MOST_BYTES it
is taken for a stray one, and its line is a record of its own.
"""

from collections.abc import Iterable, Iterator

from spark_jobs.input.formats.file_format import FileFormat

MOST_LINES = 1_000
MOST_BYTES = 64 * 1024


def records(block: bytes, file_format: FileFormat) -> list[bytes]:
    """The records, without line ends, of a block that ends with a line end."""
    lines = block.removesuffix(b"\n").split(b"\n") if block else []
    if not file_format.may_span_lines or b'"' not in block:
        return lines
    if not any(_quotes(line, file_format) % 2 for line in lines):
        return lines
    found: list[bytes] = []
    position = 0
    while position < len(lines):
        count = _lines_of_record(lines, position, file_format)
        found.append(b"\n".join(lines[position : position + count]))
        position += count
    return found


def whole_records(blocks: Iterable[bytes], file_format: FileFormat) -> Iterator[bytes]:
    """The same lines, in blocks that end between two records."""
    rest = b""
    for block in blocks:
        block = rest + block
        cut = _last_border(block, file_format)
        if cut:
            yield block[:cut]
        rest = block[cut:]
    if rest:
        yield rest


def _lines_of_record(lines: list[bytes], position: int, file_format: FileFormat) -> int:
    if _quotes(lines[position], file_format) % 2 == 0:
        return 1
    quotes, size = 0, 0
    for count, line in enumerate(lines[position : position + MOST_LINES], 1):
        quotes += _quotes(line, file_format)
        size += len(line)
        if size > MOST_BYTES:
            break
        if quotes % 2 == 0:
            record = b"\n".join(lines[position : position + count])
            return count if file_format.is_one_record(_plain(record)) else 1
    return 1


def _last_border(block: bytes, file_format: FileFormat) -> int:
    """Start of the last record if it is still open at the end, else the length."""
    if _quotes(block, file_format) % 2 == 0:
        return len(block)
    end = len(block)
    while end > max(0, len(block) - MOST_BYTES):
        begin = block.rfind(b"\n", 0, end - 1) + 1
        is_odd = _quotes(block[begin:end], file_format) % 2
        if is_odd and file_format.is_cut_within_quotes(_plain(block[begin:])):
            return begin
        end = begin
    return len(block)


def _quotes(text: bytes, file_format: FileFormat) -> int:
    if file_format.escape:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return text.count(b'"')


def _plain(record: bytes) -> str:
    # Quotes and separators are ASCII: Latin-1 decodes any bytes and keeps these.
    return record.removesuffix(b"\r").decode("latin-1")
