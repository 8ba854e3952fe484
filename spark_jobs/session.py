"""The Spark session: the operator configures it, the job only fixes what its results rest on."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from pyspark.sql import DataFrame, SparkSession

Keep = Callable[[DataFrame], DataFrame]


@contextmanager
def keeping() -> Iterator[Keep]:
    """Gives a function that caches a frame; the frames are let go at the end.

    A session that lives longer would otherwise answer a later read of the same path, whose
    file may have changed, from the cache.
    """
    with ExitStack() as stack:

        def keep(frame: DataFrame) -> DataFrame:
            cached = frame.persist()
            stack.callback(cached.unpersist)
            return cached

        yield keep


@contextmanager
def spark_session() -> Iterator[SparkSession]:
    """A session in UTC with ANSI rules. One that was there before is used and left running."""
    former = SparkSession.getActiveSession()
    spark = former or SparkSession.builder.appName("movie-recommendations").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "true")
    if str(spark.sparkContext.master).startswith("local"):
        # Spark's 200 partitions suit a cluster; on one machine its cores are the right number.
        cores = spark.sparkContext.defaultParallelism
        spark.conf.set("spark.sql.shuffle.partitions", cores)
    try:
        yield spark
    finally:
        if former is None:
            spark.stop()
