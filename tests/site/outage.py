"""A database that fails in the middle of a request."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection


@contextmanager
def connection_lost_for_rows() -> Iterator[None]:
    """What is in force can still be asked for; the rows of runs cannot."""

    def fail(execute, sql, *more):
        if "app_recommendationdata" in sql:
            raise OperationalError(2006, "Server has gone away")
        return execute(sql, *more)

    with connection.execute_wrapper(fail):
        yield
