"""Where the time of a run goes, from the start of its process on: `--profile` prints it.

Spans may lie within one another, and beside one another in several threads. Standard library only:
the first span ends before anything else is imported.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WIDTH = 48
"""Of the bars, in characters."""
LEAST_SECONDS = 0.005
"""Shorter spans are not shown."""


@dataclass(frozen=True)
class Span:
    """What was done between two moments, in seconds since the process began; how deep within."""

    name: str
    begin: float
    end: float
    depth: int

    def line(self, whole: float) -> str:
        """The span as a bar beside its name; `whole` seconds are as wide as the bars get."""
        left, right = (round(WIDTH * at / whole) for at in (self.begin, self.end))
        bar = " " * left + "█" * max(1, right - left)
        name = "  " * self.depth + self.name
        return f"{self.begin:7.2f} {self.end - self.begin:7.2f}  {name:<28} {bar}".rstrip()


_spans: list[Span] = []
_thread = threading.local()


@contextmanager
def span(name: str) -> Iterator[None]:
    """Time a block, within the spans that are open in this thread."""
    begin, depth = seconds(), getattr(_thread, "depth", 0)
    _thread.depth = depth + 1
    try:
        yield
    finally:
        _thread.depth = depth
        _spans.append(Span(name, begin, seconds(), depth))


def lap(name: str) -> None:
    """Time what was done since the last span ended, or else since the process began."""
    begin = max((one.end for one in _spans), default=0.0)
    _spans.append(Span(name, begin, seconds(), 0))


def seconds() -> float:
    """Since this process began, the shell before Python included where Linux tells."""
    return time.monotonic() - _began


def waterfall() -> str:
    """All spans in the order of their beginning, a line each, and at the end the whole."""
    whole = seconds()
    spans = [one for one in _spans if one.end - one.begin >= LEAST_SECONDS]
    spans.sort(key=lambda one: (one.begin, -one.end))
    lines = [f"{'from s':>7} {'took s':>7}", *(one.line(whole) for one in spans)]
    return "\n".join([*lines, f"{'':7} {whole:7.2f}  in all"])


def _process_start() -> float:
    """When this process began, on the clock of time.monotonic; now where that is not told."""
    try:
        # pid (name) state ...: the 22nd field is the start, in ticks since boot
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        asleep = time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
        return int(fields[19]) / os.sysconf("SC_CLK_TCK") - asleep
    except (OSError, AttributeError):
        return time.monotonic()


_began = _process_start()
