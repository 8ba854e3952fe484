"""SIGINT, SIGTERM and SIGHUP end the job at once: one line, the status that shells expect.

A job may be killed at any instant without harm (see `publish`), so nothing is unwound: an
exception from a handler would cut a call to the JVM or the database in two. A thread that waits
for the signals ends the process, and the main thread stands still from the first one on.
Standard library only, as this is set up before anything else is imported.
"""

import ctypes
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from spark_jobs.console import tell

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
NOTHING = "nothing was published"
outcome = NOTHING
"""What a signal finds done; `publish` keeps it true."""

_ending = threading.Lock()
"""Held, and never let go, by the thread that has the last word."""
_main_ends = False
_heard: int | None = None
"""The pipe through which the numbers of signals come, once `watch` was called."""


def watch() -> None:
    """From now on a signal ends this process. Call it in the main thread, once."""
    global _heard
    _heard, writer = os.pipe()
    os.set_blocking(writer, False)
    # Python's own handlers run between two steps of the main thread, and one step may be a query
    # of a minute: the number of the signal comes through this pipe at once.
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_wait_for_signal, args=(_heard,), daemon=True).start()
    take_over()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # bin/job has blocked them until now
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        _die_with_parent()


def take_over() -> None:
    """Set the handlers, again where PySpark has put its own."""
    for number in SIGNALS:
        # nohup means it; a shell that lets its background jobs ignore SIGINT does not.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stand_still)


def at_end(clear_up: Callable[[], None]) -> None:
    """Have this done before a signal ends the process."""
    global _clear_up
    _clear_up = clear_up


def last_word(line: str) -> None:
    """The line on stderr that the job ends with, unless a signal is ending it already."""
    _take_the_end()
    tell(line)


def leave_with(main: Callable[[], int]) -> None:
    """End this process with main's status."""
    try:
        status = main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except Exception as error:
        last_word(f"error: {type(error).__name__}: {error}")
        status = 1
    _take_the_end()
    if sys.stdout:
        with suppress(OSError):
            sys.stdout.flush()
    os._exit(status)  # without the interpreter's own end, in which nobody waits for signals


def _take_the_end() -> None:
    global _main_ends
    if _heard is None or _main_ends:
        return
    _main_ends = True
    if not _ending.acquire(blocking=False):
        _sleep()
    if select.select([_heard], [], [], 0)[0]:  # what looks like an error came of the signal
        _ending.release()
        _sleep()


def _sleep() -> None:
    while True:
        time.sleep(60)


def _nothing_to_clear_up() -> None:
    pass


_clear_up: Callable[[], None] = _nothing_to_clear_up


def _stand_still(_number: int, _frame: FrameType | None) -> None:
    if not _main_ends:
        _sleep()


def _wait_for_signal(heard: int) -> None:
    select.select([heard], [], [])
    _ending.acquire()
    number = os.read(heard, 1)[0]
    told = outcome
    with suppress(Exception):
        _clear_up()
    tell(f"error: interrupted by {signal.Signals(number).name}: {told}")
    os._exit(128 + number)


def _die_with_parent() -> None:
    """Under spark-submit the JVM is the parent: when it is ended, this process hears SIGTERM."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
