"""SIGINT, SIGTERM and SIGHUP end the job at once: one line, the status that shells expect.

A job may be killed at any instant without harm (see `publish`), so nothing is unwound: an
exception from a handler would cut a call to the JVM or the database in two. A thread that waits
for signals ends the process, and the main thread waits after the first one.
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
"""What to report when a signal arrives; `publish` keeps it up to date."""

_exit_lock = threading.Lock()
"""Held, and never released, by the thread that ends the process."""
_main_exits = False
_signal_pipe: int | None = None
"""The pipe that delivers signal numbers, once `watch` has been called."""


def watch() -> None:
    """Let a signal end this process from now on. Call it once, in the main thread."""
    global _signal_pipe
    _signal_pipe, writer = os.pipe()
    os.set_blocking(writer, False)
    # Python's own handlers run between two steps of the main thread, and one step may be a
    # one-minute query: the signal's number comes through this pipe at once.
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_wait_for_signal, args=(_signal_pipe,), daemon=True).start()
    set_handlers()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # bin/job has blocked them so far
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        _end_with_parent()


def set_handlers() -> None:
    """Set the handlers, replacing those of PySpark."""
    for number in SIGNALS:
        # nohup ignores SIGHUP on purpose; a shell's background jobs ignore SIGINT by default.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _block_main_thread)


def on_signal(clear_up: Callable[[], None]) -> None:
    """Call `clear_up` before a signal ends the process."""
    global _clear_up
    _clear_up = clear_up


def print_last(line: str) -> None:
    """Print the job's last line on stderr, unless a signal is already ending it."""
    _claim_exit()
    tell(line)


def run_and_exit(main: Callable[[], int]) -> None:
    """Run `main` and end this process with its status."""
    try:
        status = main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except Exception as error:
        print_last(f"error: {type(error).__name__}: {error}")
        status = 1
    _claim_exit()
    if sys.stdout:
        with suppress(OSError):
            sys.stdout.flush()
    os._exit(status)  # without the interpreter's shutdown, during which nothing waits for signals


def _claim_exit() -> None:
    global _main_exits
    if _signal_pipe is None or _main_exits:
        return
    _main_exits = True
    if not _exit_lock.acquire(blocking=False):
        _sleep()
    if select.select([_signal_pipe], [], [], 0)[0]:  # what looks like an error came from the signal
        _exit_lock.release()
        _sleep()


def _sleep() -> None:
    while True:
        time.sleep(60)


def _nothing_to_clear_up() -> None:
    pass


_clear_up: Callable[[], None] = _nothing_to_clear_up


def _block_main_thread(_number: int, _frame: FrameType | None) -> None:
    if not _main_exits:
        _sleep()


def _wait_for_signal(pipe: int) -> None:
    select.select([pipe], [], [])
    _exit_lock.acquire()
    number = os.read(pipe, 1)[0]
    result = outcome
    with suppress(Exception):
        _clear_up()
    tell(f"error: interrupted by {signal.Signals(number).name}: {result}")
    os._exit(128 + number)


def _end_with_parent() -> None:
    """Under spark-submit the JVM is the parent: when it ends, this process gets SIGTERM."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
