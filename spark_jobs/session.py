"""Spark for a run: the operator configures it, the job only adds its own code."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from py4j.clientserver import ClientServer
from pyspark import SparkContext
from pyspark.sql import SparkSession

from spark_jobs import signals, timeline

NAME = "movie-recommendations"
PACKAGE = Path(__file__).parent


class Spark:
    """Spark, started or waited for when it is first used."""

    def __init__(self, start: Callable[[], SparkContext]) -> None:
        self._start = start
        self.is_used = False

    @classmethod
    def of(cls, session: SparkSession) -> "Spark":
        """Wrap a Spark that is already running."""
        return cls(lambda: session.sparkContext)

    @cached_property
    def context(self) -> SparkContext:
        """The context, once it has started. Raises JobError if Java does not start."""
        self.is_used = True
        with timeline.span("wait for Spark"):
            return self._start()

    @cached_property
    def session(self) -> SparkSession:
        """The session of the context: a second of loading classes, which only JDBC needs."""
        context = self.context
        with timeline.span("SQL session"):
            return SparkSession(context)

    def stop(self) -> None:
        """Stop Spark if it was started; do not start it otherwise."""
        if "context" in vars(self):
            with timeline.span("stop"):
                self.context.stop()


@contextmanager
def start_spark() -> Iterator[Spark]:
    """Start Spark as spark-submit set it up, or use a running session and leave it running."""
    if previous := SparkSession.getActiveSession():
        yield Spark.of(previous)
        return
    with TemporaryDirectory() as folder:
        spark = Spark(lambda: _started(Path(folder)))
        try:
            yield spark
        except BaseException:
            with suppress(Exception):  # Spark may be what failed; raise the first error
                spark.stop()
            raise
        spark.stop()


def _started(folder: Path) -> SparkContext:
    context = start_context()
    signals.set_handlers()
    _send_package(context, folder)
    return context


def start_context(gateway: ClientServer | None = None) -> SparkContext:
    """Start a quiet context, in the JVM behind a gateway or in that of spark-submit."""
    with timeline.span("Spark context"):
        context = SparkContext(appName=NAME, gateway=gateway)
        context.setLogLevel("ERROR")
    return context


def _send_package(context: SparkContext, folder: Path) -> None:
    """Let the executors import the job, unless it came as a zip that they already have."""
    if not PACKAGE.is_dir():
        return
    package = folder / "spark_jobs_of_driver.zip"  # may exist beside one from --py-files
    with zipfile.ZipFile(package, "w") as archive:
        for file in PACKAGE.rglob("*.py"):
            archive.write(file, str(file.relative_to(PACKAGE.parent)))
    context.addPyFile(str(package))
