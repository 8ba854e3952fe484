"""Who the tests run as: root may read and write everything, another user may not."""

import os
from contextlib import contextmanager

import spark_jobs.store.mysql
import spark_jobs.store.sqlite  # noqa: F401  now: another user may not be able to read the source

NOBODY = 65534


@contextmanager
def another_user():
    """Root may write everything, so be somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
