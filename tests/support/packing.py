"""Packed columns, by the contract alone: neither the job nor the site has a hand in them."""

import struct
from collections.abc import Iterable
from typing import Any

from spark_jobs.contract import Packed


def pack(layout: Packed, entries: Iterable[tuple[Any, ...]]) -> bytes:
    """An entry has a value for each field; where that has several numbers an entry, a tuple."""
    columns = list(zip(*entries, strict=True)) or [() for _ in layout]
    packed = b""
    for (_, code, numbers), column in zip(layout, columns, strict=True):
        flat = column if numbers == 1 else [number for entry in column for number in entry]
        packed += struct.pack(f"<{len(flat)}{code}", *flat)
    return packed
