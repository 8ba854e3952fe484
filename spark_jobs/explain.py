"""Explain any error to the operator, in one line."""

import re
from collections.abc import Iterator

from py4j.protocol import Py4JError, Py4JJavaError

from spark_jobs.errors import JobError

JVM_ENDED = "Spark's JVM ended early: killed, or out of memory; run the job again"
WORKER_KILLED = "a Python worker was killed, perhaps for lack of memory; run the job again"
NO_ROOM = (
    "no space left on the disk; free some, or name a folder on another one in SPARK_LOCAL_DIRS"
)
NO_MEMORY = "not enough memory for Spark's JVM; set SPARK_DRIVER_MEMORY, e.g. to 4g"
REMEDIES = {
    r"SparkContext was shut down": JVM_ENDED,
    r"Python worker exited unexpectedly|pyspark\.daemon's stdout": WORKER_KILLED,
    r"No space left on device|Disk quota exceeded|File too large": NO_ROOM,
    r"OutOfMemoryError": NO_MEMORY,
}
"""Pattern in the error -> what it means to the operator."""


def explain(error: BaseException) -> str:
    """What went wrong, in one line, from the root cause: Java's, a worker's or ours."""
    if isinstance(error, JobError):
        return _one_line(str(error))
    text = _text(error)
    if explained := re.search(r"JobError: (.*)", text):
        return explained[1]
    if any(isinstance(e, Py4JError) and not isinstance(e, Py4JJavaError) for e in _chain(error)):
        return JVM_ENDED
    root = _root(error, text)
    for sign, remedy in REMEDIES.items():
        if re.search(sign, text):
            return f"{remedy} ({root})"
    return f"{root} (--debug shows where)"


def _text(error: BaseException) -> str:
    """The error's whole text, including Java's stack with its causes."""
    origin = getattr(error, "_origin", None) or error
    try:
        return str(origin).strip() or repr(origin)
    except Exception:  # Py4J asks the JVM for the text, and it may be gone
        return type(error).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen:
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _root(error: BaseException, text: str) -> str:
    # Spark wraps what a Python worker raised in pages of text; the original message comes last.
    if raised := re.search(r'^\s+File ".*\n(?:\s.*\n)*(\w[\w.]*: .*)', text, re.MULTILINE):
        return raised[1]
    if causes := re.findall(r"^Caused by: (.*)", text, re.MULTILINE):
        return str(causes[-1])
    if thrown := re.search(r"most recent failure: .*?\): (.*)|^: (.*)", text, re.MULTILINE):
        return str(thrown[1] or thrown[2])
    *_, first = _chain(error)
    return f"{type(first).__name__}: {_one_line(_text(first))}"


def _one_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no reason given"
