"""Measure time and memory of whole commands, side by side in one interleaved run."""

import os
import statistics
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.processes import descendants

SAMPLE_SECONDS = 0.25


@dataclass
class Measured:
    """One command: seconds of each round, and the peak memory of all its processes, in MB."""

    name: str
    command: list[str]
    seconds: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def peak(self) -> float:
        return max(self.peaks)

    def run(self, environment: dict[str, str]) -> None:
        """Run it once; an error with its output if it fails."""
        with tempfile.TemporaryFile("w+") as log:
            begun = time.perf_counter()
            process = subprocess.Popen(
                self.command, env=os.environ | environment, stdout=log, stderr=subprocess.STDOUT
            )
            peak = _Peak(process.pid)
            status = process.wait()
            self.seconds.append(time.perf_counter() - begun)
            self.peaks.append(peak.stop())
            if status:
                log.seek(0)
                raise RuntimeError(f"{self.name} failed:\n{log.read()}")


class _Peak:
    """Watches the memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.bytes = 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def stop(self) -> float:
        self.done.set()
        self.thread.join()
        return self.bytes / 1e6

    def _watch(self) -> None:
        while not self.done.wait(SAMPLE_SECONDS):
            pids = [self.pid, *descendants(self.pid)]
            self.bytes = max(self.bytes, sum(map(_proportional_bytes, pids)))


def _proportional_bytes(pid: int) -> int:
    # Pages shared by forked processes are counted once, divided among them.
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def interleave(contestants: list[Measured], *, rounds: int, environment: dict[str, str]) -> None:
    """Run all contestants once, then all again: a slow minute of the machine affects them all."""
    for number in range(1, rounds + 1):
        for contestant in contestants:
            contestant.run(environment)
            print(f"  round {number}: {contestant.name} {contestant.seconds[-1]:.1f} s", flush=True)


def machine() -> str:
    """The size of this machine."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{os.cpu_count()} cores, {pages / 1024**3:.0f} GB"
