"""What an operator reads of an error: one line, wherever it was raised."""

import os
import signal

import pytest
from py4j.protocol import Py4JNetworkError

from spark_jobs.errors import JobError
from spark_jobs.explain import explain


def fail_in_an_executor(spark, error):
    def fail(_):
        raise error

    with pytest.raises(Exception, match="Job aborted") as caught:
        spark.sparkContext.parallelize([1], 1).map(fail).collect()
    return explain(caught.value)


def test_an_error_of_ours_is_told_as_it_is():
    assert explain(JobError("mend this")) == "mend this"


def test_an_error_of_ours_in_an_executor_is_told_as_it_is(spark):
    error = JobError("ratings.csv changed while it was read: run the job again")
    assert fail_in_an_executor(spark, error) == str(error)


def test_any_other_error_in_an_executor_is_found_in_spark_s_pages(spark):
    told = fail_in_an_executor(spark, ModuleNotFoundError("No module named 'pyarrow'"))
    assert told == "ModuleNotFoundError: No module named 'pyarrow' (--debug shows where)"


def test_an_unforeseen_error_names_its_kind():
    assert explain(ValueError("odd\nand long")) == "ValueError: odd (--debug shows where)"
    assert explain(KeyError("x")) == "KeyError: 'x' (--debug shows where)"


def test_a_killed_worker_is_told_as_such(spark):
    def die(_):
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(Exception, match="Job aborted") as caught:
        spark.sparkContext.parallelize([1], 1).map(die).collect()
    assert explain(caught.value).startswith(
        "a Python worker was killed, perhaps for lack of memory"
    )


def test_java_s_error_is_told_by_its_root(spark):
    java = spark._jvm.java.lang
    root = spark._jvm.java.io.IOException("No space left on device")
    wrapped = java.RuntimeException("outer", java.IllegalStateException("inner", root))
    failed = spark._jvm.java.util.concurrent.CompletableFuture()
    failed.completeExceptionally(wrapped)
    with pytest.raises(Exception, match="outer") as caught:
        failed.get()
    told = explain(caught.value)
    assert told.startswith("no space left on the disk; free some")
    assert told.endswith("(java.io.IOException: No space left on device)")


def test_a_dead_jvm_is_told_as_such():
    assert "Spark's JVM ended early" in explain(Py4JNetworkError("Answer is empty"))
