"""Where the time of a run goes, from the start of its process; `--profile` prints it.

Spans may be nested, and may overlap in several threads. Standard library only:
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
"""Width of the bars, in characters."""
LEAST_SECONDS = 0.005
"""Shorter spans are not shown."""


@dataclass(frozen=True)
class Span:
    """A period in seconds since the process began, and its nesting depth."""

    name: str
    begin: float
    end: float
    depth: int

    def line(self, whole: float) -> str:
        """The span as a bar beside its name; `whole` seconds are the full width."""
        left, right = (round(WIDTH * at / whole) for at in (self.begin, self.end))
        bar = " " * left + "█" * max(1, right - left)
        name = "  " * self.depth + self.name
        return f"{self.begin:7.2f} {self.end - self.begin:7.2f}  {name:<28} {bar}".rstrip()


_spans: list[Span] = []
_thread = threading.local()


@contextmanager
def span(name: str) -> Iterator[None]:
    """Time a block, nested in the open spans of this thread."""
    begin, depth = seconds(), getattr(_thread, "depth", 0)
    _thread.depth = depth + 1
    try:
        yield
    finally:
        _thread.depth = depth
        _spans.append(Span(name, begin, seconds(), depth))


def lap(name: str) -> None:
    """Time what happened since the last span ended, or since the process began."""
    begin = max((one.end for one in _spans), default=0.0)
    _spans.append(Span(name, begin, seconds(), 0))


def seconds() -> float:
    """Seconds since this process began, on Linux including the shell before Python."""
    return time.monotonic() - _began


def waterfall() -> str:
    """All spans by start time, one line each, then the total."""
    whole = seconds()
    spans = [one for one in _spans if one.end - one.begin >= LEAST_SECONDS]
    spans.sort(key=lambda one: (one.begin, -one.end))
    lines = [f"{'from s':>7} {'took s':>7}", *(one.line(whole) for one in spans)]
    return "\n".join([*lines, f"{'':7} {whole:7.2f}  in all"])


def _process_start() -> float:
    """When this process began, on the clock of time.monotonic; now where that is unknown."""
    try:
        # pid (name) state ...: the 22nd field is the start, in ticks since boot
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        asleep = time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
        return int(fields[19]) / os.sysconf("SC_CLK_TCK") - asleep
    except (OSError, AttributeError):
        return time.monotonic()


_began = _process_start()
