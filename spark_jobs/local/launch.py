"""Run the job on this machine for bin/job: Spark's JVM is a child of this process.

This module handles what belongs to a machine: scratch files, Spark's log, the archive of classes
that makes Spark start fast, and that nothing is left running. The job itself is `spark_emr`.
"""

import sys
from pathlib import Path
from typing import Any, TextIO

if not __package__:  # run by path: find the package
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

from spark_jobs import signals, timeline

if __name__ == "__main__":
    timeline.lap("shell, interpreter")
    signals.watch()  # before the imports below, which are slow

import os
import pwd
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from py4j.clientserver import ClientServer
from pyspark import SparkContext
from pyspark.errors import PySparkRuntimeError
from pyspark.java_gateway import launch_gateway

from spark_jobs.errors import JobError
from spark_jobs.local.class_archive import VAR, ClassArchive
from spark_jobs.local.environment import pin_environment, scratch_parent
from spark_jobs.local.progress_bar import progress_bar
from spark_jobs.options import parse_options
from spark_jobs.session import Spark, start_context

timeline.lap("imports of PySpark")
CONF = Path(__file__).resolve().parent.parent / "conf"
LOG_FOLDER = VAR / "logs"
LOGS_KEPT = 20
"""Logs of failed runs kept: others leave none."""
OF_NO_USE = ("WARNING", "Picked up", "Error occurred during initialization", "Error: A JNI error")
"""The beginnings of Java's lines that do not say why it failed to start."""
END_SECONDS = 60
"""How long the JVM may take to end and to write its archive of classes."""


@dataclass
class Machine:
    """A run's own resources on this machine."""

    scratch: Path
    log: Path | None
    archive: ClassArchive
    starting: "Future[SparkContext]" = field(init=False)

    def start_spark(self) -> None:
        """Begin to start Spark in a thread: there is much to do before it is needed."""
        os.environ["PYSPARK_SUBMIT_ARGS"] = shlex.join(self._submit_arguments())
        if self.log:
            # The errors of PySpark's threads when the JVM is gone go there, too.
            sys.stderr = _opened(self.log)
        self.starting = ThreadPoolExecutor(max_workers=1).submit(self._start_spark)

    def _start_spark(self) -> SparkContext:
        with timeline.span("JVM"):
            gateway = self._start_java()
        return start_context(gateway)

    @contextmanager
    def spark(self) -> Iterator[Spark]:
        """The Spark that was started."""
        spark = Spark(self.starting.result)
        with progress_bar(self.starting):
            try:
                yield spark
            except Exception:
                if not spark.is_used:
                    self.forget()  # whatever it was, Spark's log does not show it
                raise
        if self.archive.is_missing:
            self._stop(spark)

    def _stop(self, spark: Spark) -> None:
        """Let the JVM end by itself, because it then writes its archive of classes."""
        gateway: Any = spark.context._gateway
        java = gateway.proc
        spark.stop()
        java.stdin.close()  # the JVM waits for this
        with timeline.span("class archive"), suppress(subprocess.TimeoutExpired):
            if java.wait(END_SECONDS) == 0:
                self.archive.keep()

    def _start_java(self) -> ClientServer:
        # In its own session: signals to our process group are handled by this process.
        options: dict[str, Any] = {"start_new_session": True}
        if self.log:
            options |= {"stdout": sys.stderr, "stderr": sys.stderr}
        try:
            gateway: ClientServer = launch_gateway(popen_kwargs=options)  # type: ignore[no-untyped-call]
            return gateway
        except PySparkRuntimeError as error:
            raise JobError(f"Spark's Java did not start{self._first_words()}") from error

    def _first_words(self) -> str:
        """What Java said about its failure."""
        if not self.log:
            return ""
        with suppress(OSError):
            said = self.log.read_text(encoding="utf-8", errors="replace")
            for line in re.findall(r"^Caused by: (.*)", said, re.MULTILINE) or said.splitlines():
                if not line.startswith(OF_NO_USE):
                    return f": {line}"
        return ""

    def _submit_arguments(self) -> list[str]:
        java_options = (
            f"-Dlog4j2.configurationFile={(CONF / 'log4j2.properties').as_uri()}",
            f"-Djava.io.tmpdir={self.scratch}",
            self.archive.java_option(),
        )
        settings = {"spark.local.dir": str(self.scratch)}
        if not os.access(pwd.getpwuid(os.getuid()).pw_dir, os.W_OK):  # where Java looks for it
            settings["spark.jars.ivy"] = str(self._ivy_home())
        return [
            "--properties-file", str(CONF / "spark-defaults.conf"),
            "--driver-java-options", " ".join(map(_quoted, java_options)),
            *(word for pair in settings.items() for word in ("--conf", "=".join(pair))),
            "pyspark-shell",
        ]  # fmt: skip

    def _ivy_home(self) -> Path:
        """Where downloaded drivers are kept if the home folder is not writable."""
        return VAR / "ivy" if os.access(VAR, os.W_OK) else self.scratch / "ivy"

    def clear_up(self) -> None:
        """End whatever still runs, and delete all files but the log."""
        _end_descendants()
        self.archive.forget()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def forget(self) -> None:
        """The same, including the log if there is nothing to look up in it."""
        self.clear_up()
        if self.log:
            self.log.unlink(missing_ok=True)


def main() -> int:
    """Run the job in a JVM of its own; see `spark_emr.execute`."""
    _open_standard_streams()
    options = parse_options()
    try:
        machine = _prepare(debug=options.debug)
    except JobError as error:
        signals.print_last(f"error: {error}")
        return 1
    signals.on_signal(machine.forget)
    machine.start_spark()
    with timeline.span("imports"):
        from spark_jobs import spark_emr  # noqa: PLC0415 - meanwhile the JVM starts
    status = 1
    try:
        status = spark_emr.execute(options, machine.spark, machine.log)
    finally:
        machine.clear_up() if status == 1 else machine.forget()
    return status


def _prepare(*, debug: bool) -> Machine:
    pin_environment()
    parent = scratch_parent()
    scratch = Path(tempfile.mkdtemp(prefix="recsys-job-", dir=parent))
    tempfile.tempdir = os.environ["TMPDIR"] = str(scratch)
    log = None if debug else _log_folder(parent) / _log_name()
    return Machine(scratch, log, ClassArchive())


def _log_name() -> str:
    return f"job-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.log"


def _log_folder(other: str) -> Path:
    with suppress(OSError):
        LOG_FOLDER.mkdir(parents=True, exist_ok=True)
        for old in sorted(LOG_FOLDER.glob("job-*.log"))[:-LOGS_KEPT]:
            old.unlink(missing_ok=True)
    return LOG_FOLDER if os.access(LOG_FOLDER, os.W_OK | os.X_OK) else Path(other)


def _opened(log: Path) -> TextIO:
    try:
        return log.open("a", encoding="utf-8", buffering=1)
    except OSError:  # run even if there is no space for a log
        return Path(os.devnull).open("w", encoding="utf-8")


def _quoted(option: str) -> str:
    """Quote an option the way Spark parses it."""
    return '"' + option.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _open_standard_streams() -> None:
    """Open those that the caller closed, so that the next opened file does not replace them."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)


def _end_descendants() -> None:
    """Send SIGKILL to all that this process started: the JVM, and its Python workers."""
    parents = dict(_processes())
    family = {os.getpid()}
    while born := {child for child, parent in parents.items() if parent in family} - family:
        family |= born
    for pid in family - {os.getpid()}:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _processes() -> Iterator[tuple[int, int]]:
    """The ids of each process and its parent, on Linux; elsewhere the JVM ends by itself."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # pid (name) state parent ...; the name may contain blanks and brackets
            _, _, rest = stat.read_text(errors="replace").rpartition(")")
            yield int(stat.parent.name), int(rest.split()[1])


if __name__ == "__main__":
    signals.run_and_exit(main)
