"""What became of the runs, and the lock of a job that publishes right now."""

from contextlib import contextmanager

from django.db import connection

from app.models import Run
from app.runs import locks


def statuses():
    """Run -> its status, the oldest first."""
    return dict(Run.objects.order_by("id").values_list("id", "status"))


@contextmanager
def lock_of_another():
    """The publish lock, held through a connection or a file handle of its own."""
    if connection.vendor == "sqlite":
        with locks._file_lock():
            yield
        return
    name = locks.lock_name(connection.settings_dict["NAME"])
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, 0)", [name])
        yield
    other.close()
