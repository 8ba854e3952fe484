"""MySQL Connector/J: where its jar comes from, and why it may be missing."""

import os
import re
import threading
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from spark_jobs.errors import JobError
from spark_jobs.store.address_options import CONNECTOR

DRIVER = "com.mysql.cj.jdbc.Driver"
JAR = "MYSQL_CONNECTOR_JAR"
"""Environment variable that names the jar, for when Spark cannot fetch it."""
FETCH_SECONDS = 120


def load_driver(spark: SparkSession) -> None:
    """Take the driver from `--jars`, `--packages` or the jar in `JAR`, else let Spark fetch it."""
    if _register(spark):
        return
    if jar := os.environ.get(JAR):
        _add_jar(spark, jar)
    else:
        _fetch(spark)
    if not _register(spark):
        raise JobError(
            f"{jar or CONNECTOR} does not contain {DRIVER}: it must be MySQL Connector/J"
        )


def _register(spark: SparkSession) -> bool:
    # DriverManager sees a jar of the session only once Spark has wrapped it.
    java: Any = spark._jvm
    try:
        java.org.apache.spark.sql.execution.datasources.jdbc.DriverRegistry.register(DRIVER)
    except Py4JJavaError:
        return False
    return True


def _add_jar(spark: SparkSession, jar: str) -> None:
    if not Path(jar).is_file() or not os.access(jar, os.R_OK):
        raise JobError(f"{JAR}: {jar} is not a readable file")
    path = str(Path(jar).absolute())
    if not re.fullmatch(r"[\w./+-]+", path, re.ASCII):
        raise JobError(
            f"{JAR}: Spark cannot use a jar from {path}: copy it to a path of plain letters"
        )
    _add(spark, path)


def _fetch(spark: SparkSession) -> None:
    """Let Spark fetch the jar; Spark keeps it, so this is slow only once."""
    errors: list[Exception] = []

    def fetch() -> None:
        try:
            _add(spark, f"ivy://{CONNECTOR}?transitive=false")
        except Exception as error:  # Spark passes on whatever Ivy throws
            errors.append(error)

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    thread.join(FETCH_SECONDS)  # Ivy itself waits forever for a silent network
    if thread.is_alive() or errors:
        cause = f"no answer for {FETCH_SECONDS} s" if not errors else _cause(spark)
        raise JobError(
            f"cannot fetch {CONNECTOR}: {cause}; or set {JAR} to the path of its jar "
            "(with spark-submit: --jars)"
        ) from next(iter(errors), None)
    # Only the thread that added a jar sees it.
    _add(spark, f"ivy://{CONNECTOR}?transitive=false")


def _add(spark: SparkSession, jar: str) -> None:
    spark.sql(f"ADD JAR '{jar}'")


def _cause(spark: SparkSession) -> str:
    folder = _cache(spark)
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK, effective_ids=True):
        return f"{folder}, where Spark keeps it, is not writable; set HOME to a writable folder"
    return "it needs the internet, once"


def _cache(spark: SparkSession) -> Path:
    """The folder where Ivy keeps what it fetched for Spark."""
    java: Any = spark._jvm
    home = Path(str(java.java.lang.System.getProperty("user.home")))
    default = home / (".ivy2" if spark.version < "4" else ".ivy2.5.2")
    return Path(spark.conf.get("spark.jars.ivy", None) or default).absolute()
