"""Which environment variables about Spark are used, and which are ignored.

SPARK_HOME, PYSPARK_PYTHON and the like belong to another installation; bin/job has its own.
bin/setup.sh does the same for the variables that Java and Python read themselves.
"""

import os
import pwd
import sys
import tempfile
from pathlib import Path

import pyspark

from spark_jobs.console import warn
from spark_jobs.errors import JobError
from spark_jobs.local.class_archive import ROOT

FOREIGN = (
    *("PYTHON", "SPARK_", "PYSPARK_", "_PYSPARK_", "HADOOP_", "YARN_"),
    *("MASTER", "CLASSPATH", "LOCAL_DIRS"),
)
HONOURED = {"SPARK_LOCAL_DIRS", "SPARK_DRIVER_MEMORY"}
HARMLESS = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONIOENCODING", "PYTHONUTF8"}
OF_OURS = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    "SPARK_CONF_DIR": str(Path(__file__).parent.parent / "conf"),
}
"""Set by the scripts in bin/: ignored without a warning."""


def pin_environment() -> None:
    """Use this Spark and this Python, without foreign settings. Raises JobError."""
    known = HONOURED | HARMLESS
    foreign = [name for name in os.environ if name.startswith(FOREIGN) and name not in known]
    ignored = sorted(name for name in foreign if os.environ[name] not in ("", OF_OURS.get(name)))
    for name in foreign:
        del os.environ[name]
    if ignored:
        warn(f"ignoring {', '.join(ignored)}: bin/job has its own Spark, set up in spark_jobs/conf")
    os.environ |= {
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",  # a laptop's host name may have no address
        # Java, Python and its workers decode file names and arguments by it.
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),  # where workers find the job
        # Workers must not import files in the caller's folder.
        "PYTHONSAFEPATH": "1",
    }
    _check_caller()


def scratch_parent() -> str:
    """The folder for scratch files: the first of SPARK_LOCAL_DIRS, TMPDIR, or the system's."""
    for name in ("SPARK_LOCAL_DIRS", "TMPDIR"):
        if value := os.environ.pop(name, "").split(",")[0]:
            return _writable(name, value)
    try:
        return tempfile.gettempdir()
    except FileNotFoundError as error:
        raise JobError(f"{error.strerror}: name a folder for scratch files in TMPDIR") from error


def _writable(name: str, folder: str) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return str(Path(folder).absolute())
    except OSError as error:
        raise JobError(
            f"{name} is not a folder for scratch files: {folder}: {error.strerror}; "
            "name another one, or unset it"
        ) from error


def _check_caller() -> None:
    try:
        Path.cwd()
    except OSError as error:
        raise JobError(f"the current folder: {error.strerror}; change to another one") from error
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        raise JobError(
            f"the user id {os.getuid()} has no name on this machine, and Spark needs one: "
            "run the job as a user in /etc/passwd"
        ) from None
