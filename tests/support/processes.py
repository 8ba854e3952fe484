"""Processes that a test started: found through their parents, ended by their ids."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any


def descendants(pid: int) -> list[int]:
    """The ids of a process's children, theirs, and so on."""
    found, todo = [], [pid]
    while todo:
        children = _children(todo.pop())
        found += children
        todo += children
    return found


def command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def kill_tree(process: subprocess.Popen) -> None:
    """SIGKILL to a process and all it started, as when its machine goes dark."""
    for pid in [process.pid, *descendants(process.pid)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


@contextmanager
def starting() -> Iterator[Callable[..., subprocess.Popen]]:
    """To start processes by; those that still run at the end are killed with all they started."""
    started: list[subprocess.Popen] = []

    def start(*command: object, **options: Any) -> subprocess.Popen:
        words = [str(word) for word in command]
        started.append(subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **options))
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            kill_tree(process)


def read_until(process: subprocess.Popen, beginning: str, *, seconds: float = 300) -> None:
    """Read its output up to a line that begins so; a process that never writes one is killed."""
    too_late = Timer(seconds, kill_tree, [process])
    too_late.start()
    said = []
    for line in process.stdout or ():
        said.append(line)
        if line.startswith(beginning):
            too_late.cancel()
            return
    too_late.cancel()
    errors = process.stderr.read() if process.stderr else ""
    raise AssertionError(f"no line begins with {beginning!r}: {''.join(said)}{errors}")


def wait_until(
    condition: Callable[[], object], *, seconds: float = 120, what: str = "the condition"
) -> None:
    """Look twenty times a second; TimeoutError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come true within {seconds} s")
        time.sleep(0.05)


def _children(pid: int) -> list[int]:
    return [child for child, parent in _parents() if parent == pid]


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                # pid (name) state parent ...; the name may hold blanks and brackets
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                yield int(folder.name), int(fields[1])
