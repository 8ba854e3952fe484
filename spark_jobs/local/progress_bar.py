"""Show how many tasks are done, on a terminal, while a long step runs.

Spark's own bar goes to the log.
"""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress

from pyspark import SparkContext

EVERY_SECONDS = 0.5


@contextmanager
def progress_bar(starting: "Future[SparkContext]") -> Iterator[None]:
    """Show the bar from Spark's start until the block ends, if stderr is a terminal."""
    if not os.isatty(2):
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_show, args=(starting, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(EVERY_SECONDS)


def _show(starting: "Future[SparkContext]", ended: threading.Event) -> None:
    with suppress(Exception):  # whatever ends the JVM is reported elsewhere
        tracker = starting.result().statusTracker()
        while not ended.wait(EVERY_SECONDS):
            for stage in tracker.getActiveStageIds():
                if info := tracker.getStageInfo(stage):
                    # The cursor returns to the line's start, so that the next line covers this.
                    bar = f"\r  {info.numCompletedTasks} of {info.numTasks} tasks\r"
                    os.write(2, bar.encode())
