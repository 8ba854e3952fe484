"""Spark as the job asks for it: when it is first needed, and once."""

import pytest

from spark_jobs.session import Spark


def test_spark_is_waited_for_when_it_is_first_asked_for_and_not_again(spark):
    asked = []
    found = Spark(lambda: asked.append(1) or spark.sparkContext)
    assert not found.is_used and asked == []
    assert found.context is found.context is spark.sparkContext
    assert found.is_used and asked == [1]
    assert found.session.sparkContext is spark.sparkContext


def test_what_did_not_start_is_not_started_once_more_to_be_stopped():
    asked = []

    def refuse():
        asked.append(1)
        raise OSError("no Java here")

    found = Spark(refuse)
    with pytest.raises(OSError, match="no Java"):
        _ = found.context
    found.stop()
    assert found.is_used and asked == [1]
