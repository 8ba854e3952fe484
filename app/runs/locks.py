"""The publish lock, the same one as the batch job's: no run is changed during a publish."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from app.runs.errors import RunError


@contextmanager
def publish_lock() -> Iterator[None]:
    """Hold the batch job's lock. Raises RunError at once where a job is publishing."""
    lock = _mysql_lock if connection.vendor == "mysql" else _file_lock
    with lock():
        yield


def is_publishing() -> bool:
    """Whether a job holds the lock at this moment."""
    try:
        with publish_lock():
            return False
    except RunError:
        return True


def lock_name(schema: str) -> str:
    """The name of the lock in MySQL, as the job's contract states it."""
    return f"recsys.publish.{schema}"[:64]


@contextmanager
def _mysql_lock() -> Iterator[None]:
    name = lock_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, 0)", [name])
        if cursor.fetchone() != (1,):
            raise _busy()
        try:
            yield
        finally:
            cursor.execute("SELECT RELEASE_LOCK(%s)", [name])


@dataclass
class _Lock:
    """Between processes the flock of the descriptor; between threads of this one, `mutex`."""

    descriptor: int | None
    mutex: threading.Lock = field(default_factory=threading.Lock)


_locks: dict[tuple[int, int], _Lock] = {}
"""Device and inode of a database file -> its lock.

The lock lies on the file itself, so that all its names (links, relative paths) meet the same one.
SQLite's own locks are fcntl's, which flock leaves alone. But all of them are lost when any
descriptor of the file is closed: these stay open.
"""


@contextmanager
def _file_lock() -> Iterator[None]:
    lock = _lock_of(connection.settings_dict["NAME"])
    if not lock.mutex.acquire(blocking=False):
        raise _busy()
    try:
        with _flock(lock.descriptor):
            yield
    finally:
        lock.mutex.release()


def _lock_of(path: str) -> _Lock:
    try:
        file = Path(path).stat()
    except FileNotFoundError:  # a database in memory belongs to this process alone
        return _locks.setdefault((0, 0), _Lock(None))
    key = (file.st_dev, file.st_ino)
    if key not in _locks:
        _locks[key] = _Lock(os.open(path, os.O_RDONLY))
    return _locks[key]


@contextmanager
def _flock(descriptor: int | None) -> Iterator[None]:
    if descriptor is None:
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _busy() from None
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _busy() -> RunError:
    return RunError(_("a job is publishing right now: wait for it to end, then try again"))
