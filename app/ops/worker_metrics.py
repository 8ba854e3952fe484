"""Metrics of several workers together: each writes its own files into one folder.

This is how prometheus_client works, which has to find the folder when it is first imported. What it
leaves open is done here: when a worker ends, its files are added to those of all workers that ended
before. So there are two files per living worker and two more, however often workers are replaced.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
ENDED = 0
"""Used as a process id; no process has this one."""


def prepare() -> None:
    """Make a folder that is removed when this process ends. Call before anything is counted."""
    folder = tempfile.mkdtemp(prefix="recsys-metrics-")
    os.environ[VARIABLE] = folder
    atexit.register(_remove, folder, os.getpid())


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # workers inherit what the first process registered
        shutil.rmtree(folder, ignore_errors=True)


def folder() -> Path | None:
    """The folder of the workers' files; None where one process serves alone."""
    name = os.environ.get(VARIABLE)
    return Path(name) if name else None


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Keep files from being added up meanwhile: they would be missed, or counted twice."""
    with _lock(folder, fcntl.LOCK_SH):
        yield


def add_up(folder: Path, process: int) -> None:
    """Add the counts of a worker that has ended to the total, and delete its files."""
    with _lock(folder, fcntl.LOCK_EX):
        for file in folder.glob(f"*_{process}.db"):
            _add(file, folder / file.name.replace(f"_{process}.db", f"_{ENDED}.db"))
            file.unlink()


def _add(file: Path, total: Path) -> None:
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415  # looks for the folder

    sums = MmapedDict(str(total))
    try:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):
            sums.write_value(key, sums.read_value(key)[0] + value, 0.0)
    finally:
        sums.close()


@contextmanager
def _lock(folder: Path, kind: int) -> Iterator[None]:
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, kind)
        yield
