"""What people do with runs: go back to a kept one, clear away old rows.

What changes something holds the publish lock, the same one as the batch job's, so it never
meets a publish.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from app.models import (
    RecommendationData,
    RejectedRow,
    Run,
    StagedMovie,
    StagedMovieGenre,
)

PURGE_ROWS = 5_000
ROWS_OF_RUNS: dict[type[Model], str] = {
    RecommendationData: "movie_id",
    RejectedRow: "id",
    StagedMovie: "movie_id",
    StagedMovieGenre: "movie_id",
}
"""Models with rows of a run -> the column by which those are deleted in chunks."""


class RunError(Exception):
    """What cannot be done to a run, and what can be done instead."""


def activate(run_id: int) -> Run:
    """Make a kept run the current one, in one transaction. Raises RunError."""
    with publish_lock(), transaction.atomic():
        run = _kept(run_id)
        if run.status == Run.Status.CURRENT:
            raise RunError(f"run {run_id} is current already")
        Run.objects.filter(status=Run.Status.CURRENT).update(status=Run.Status.SUPERSEDED)
        run.status = Run.Status.CURRENT
        run.save(update_fields=["status"])
    return run


def _kept(run_id: int) -> Run:
    run = Run.objects.kept().filter(pk=run_id).first()
    if run is None:
        kept = Run.objects.kept().order_by("-id").values_list("id", flat=True)
        raise RunError(
            f"run {run_id} has no rows to serve; kept: {', '.join(map(str, kept)) or 'none'}"
        )
    return run


def purge(*, keep_runs: int) -> list[int]:
    """Delete the rows of all but the current and the newest other runs, `keep_runs` in all.

    Returns the ids of the runs that lost their rows. Raises RunError.
    """
    with publish_lock():
        # Whoever is still loading is dead, as we hold the lock. No reader looks at such rows: they
        # go first, and make room in a full table for what is written below.
        _delete_rows_of_others(set(Run.objects.kept().values_list("id", flat=True)))
        Run.objects.filter(status=Run.Status.LOADING).update(
            status=Run.Status.FAILED, error="the job ended without a word"
        )
        kept = _kept_ids(keep_runs)
        gone = Run.objects.filter(purged_at=None).exclude(id__in=kept)
        purged = list(gone.order_by("id").values_list("id", flat=True))
        _mark_purged(purged)
        _delete_rows_of_others(set(kept))
    return purged


def _mark_purged(run_ids: list[int]) -> None:
    # With the mark the site stops offering a run; so it is there before, or together with, the
    # first rows' going. Rows first: a full table has no room for a mark.
    for run_id in run_ids:
        with transaction.atomic():
            for model, key in ROWS_OF_RUNS.items():
                _delete_chunk(model, key, run_id)
            Run.objects.filter(pk=run_id).update(purged_at=timezone.now())


def _kept_ids(keep_runs: int) -> list[int]:
    kept = list(Run.objects.kept().order_by("-id"))
    kept.sort(key=lambda run: run.status != Run.Status.CURRENT)
    return [run.pk for run in kept[:keep_runs]]


def _delete_rows_of_others(kept: set[int]) -> None:
    for model, key in ROWS_OF_RUNS.items():
        _delete_rows(model, key, kept)


def _delete_rows(model: type[Model], key: str, kept: set[int]) -> None:
    # In chunks by key: short transactions, for which neither readers nor curators wait.
    others = model._default_manager.exclude(run_id__in=kept).order_by("run_id")
    for run_id in others.values_list("run_id", flat=True).distinct():
        while _delete_chunk(model, key, run_id):
            pass


def _delete_chunk(model: type[Model], key: str, run_id: int) -> bool:
    """Delete the first rows of a run; whether it has more."""
    rows = model._default_manager.filter(run_id=run_id)
    border = rows.order_by(key).values_list(key, flat=True)[PURGE_ROWS : PURGE_ROWS + 1]
    if not border:
        rows.delete()
        return False
    rows.filter(**{f"{key}__lte": border[0]}).delete()
    return True


@contextmanager
def publish_lock() -> Iterator[None]:
    """Hold the batch job's lock, or raise RunError at once where a job is publishing."""
    lock = _mysql_lock if connection.vendor == "mysql" else _file_lock
    with lock():
        yield


@contextmanager
def _mysql_lock() -> Iterator[None]:
    name = f"recsys.publish.{connection.settings_dict['NAME']}"[:64]
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
    """Between processes the descriptor's flock, between the threads of this one `mutex`."""

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
    except FileNotFoundError:  # a database in memory is of this process alone
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
    return RunError("a job is publishing right now: wait for it to end, then try again")
