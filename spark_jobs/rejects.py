"""All rejected rows, for whoever mends the input."""

from functools import reduce

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame

from spark_jobs.errors import JobError


def write_rejects(rejected: list[DataFrame], prefix: str) -> None:
    """Write (file, reason, raw) as CSV with a header under `prefix`; nothing where there is none.

    Raises JobError where something lies there already: nothing is overwritten.
    """
    if not rejected:
        return
    rows = reduce(DataFrame.union, rejected)
    try:
        rows.write.csv(prefix, header=True, escape='"', mode="errorifexists")
    except AnalysisException as error:
        raise JobError(f"--rejects {prefix} cannot be written: {error.getMessage()}") from error
