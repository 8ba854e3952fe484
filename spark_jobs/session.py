"""The Spark session: the operator configures it, the job only brings its own code along."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from pyspark.sql import SparkSession

from spark_jobs import signals

NAME = "movie-recommendations"
PACKAGE = Path(__file__).parent


@contextmanager
def spark_session() -> Iterator[SparkSession]:
    """A session. One that was there before is used and left running."""
    if previous := SparkSession.getActiveSession():
        yield previous
        return
    spark = SparkSession.builder.appName(NAME).getOrCreate()
    signals.set_handlers()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        with TemporaryDirectory() as folder:
            _send_package(spark, Path(folder))
            yield spark
    except BaseException:
        with suppress(Exception):  # Spark may be what failed; the first error goes up
            spark.stop()
        raise
    spark.stop()


def _send_package(spark: SparkSession, folder: Path) -> None:
    """Let the executors import the job, unless it came as a zip and they have it already."""
    if not PACKAGE.is_dir():
        return
    package = folder / "spark_jobs_of_driver.zip"  # beside one that --py-files may have named
    with zipfile.ZipFile(package, "w") as archive:
        for file in PACKAGE.rglob("*.py"):
            archive.write(file, str(file.relative_to(PACKAGE.parent)))
    spark.sparkContext.addPyFile(str(package))
