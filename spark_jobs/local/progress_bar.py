"""How many tasks are done, on a terminal, while a long step runs.

Spark's own bar goes where Spark's words go: into the log.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pyspark import StatusTracker
from pyspark.sql import SparkSession

EVERY_SECONDS = 0.5


@contextmanager
def progress_bar(spark: SparkSession) -> Iterator[None]:
    """Show it until the block ends; nothing where stderr is no terminal."""
    if not os.isatty(2):
        yield
        return
    ended = threading.Event()
    arguments = (spark.sparkContext.statusTracker(), ended)
    thread = threading.Thread(target=_show, args=arguments, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(EVERY_SECONDS)


def _show(tracker: StatusTracker, ended: threading.Event) -> None:
    with suppress(Exception):  # whatever ends the JVM is told elsewhere
        while not ended.wait(EVERY_SECONDS):
            for stage in tracker.getActiveStageIds():
                if info := tracker.getStageInfo(stage):
                    # The cursor goes back to the line's begin, so that the next line covers this.
                    bar = f"\r  {info.numCompletedTasks} of {info.numTasks} tasks\r"
                    os.write(2, bar.encode())
