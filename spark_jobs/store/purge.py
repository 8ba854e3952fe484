"""Delete the rows of runs that are no longer read, in chunks, under the publish lock."""

from spark_jobs.contract import PURGE_ROWS, RUN_TABLES, STAGING_TABLES
from spark_jobs.store.engine import Database
from spark_jobs.store.times import now


def clear_dead_rows(database: Database) -> None:
    """Delete what failed and killed jobs left: first of all, to make room in a full table.

    Call it under the publish lock.
    """
    served = _kept_runs(database)
    for table, key in RUN_TABLES.items():
        for run in _runs_in(database, table) - served:
            delete_in_chunks(database, table, key, run)
    _clear_staging(database)


def _clear_staging(database: Database) -> None:
    for table, key in STAGING_TABLES.items():
        for run in _runs_in(database, table):
            delete_in_chunks(database, table, key, run)


def purge(database: Database, *, keep_runs: int) -> None:
    """Delete the rows of all runs but the newest `keep_runs` published ones, in chunks.

    `keep_runs` is at least 1, and the current run is always kept. The `app_run`
    rows stay: the history is small. Call it under the publish lock.
    """
    kept = _kept_runs(database, keep_runs)
    for (run,) in database.query("SELECT id FROM app_run WHERE purged_at IS NULL"):
        if run not in kept:
            _mark_purged(database, run)
    for table, key in RUN_TABLES.items():
        for run in _runs_in(database, table) - kept:
            delete_in_chunks(database, table, key, run)
    _clear_staging(database)


def _mark_purged(database: Database, run: int) -> None:
    # Once marked, a run is no longer offered by the site; so the mark comes with the deletion of
    # the first rows. Rows first: a full table has no room for a mark.
    with database.transaction():
        for table, key in RUN_TABLES.items():
            _delete_chunk(database, table, key, run)
        database.execute("UPDATE app_run SET purged_at = ? WHERE id = ?", now(), run)


def _kept_runs(database: Database, most: int | None = None) -> set[int]:
    """The newest published runs that still have rows, the current one first."""
    published = database.query(
        "SELECT id FROM app_run WHERE status IN ('current', 'superseded')"
        " AND purged_at IS NULL ORDER BY status = 'current' DESC, id DESC"
    )
    return {int(run) for (run,) in published[:most]}


def _runs_in(database: Database, table: str) -> set[int]:
    return {int(run) for (run,) in database.query(f"SELECT DISTINCT run_id FROM {table}")}


def delete_in_chunks(database: Database, table: str, key: str, run: int) -> None:
    """Delete all rows of a run from a table."""
    # Short transactions: neither readers nor curators wait for a purge.
    while _delete_chunk(database, table, key, run):
        pass


def _delete_chunk(database: Database, table: str, key: str, run: int) -> bool:
    """Delete the first rows of a run. Return whether it has more."""
    of_run = f"FROM {table} WHERE run_id = ?"
    border = database.query(
        f"SELECT {key} {of_run} ORDER BY {key} LIMIT 1 OFFSET {PURGE_ROWS}", run
    )
    if not border:
        database.execute(f"DELETE {of_run}", run)
        return False
    database.execute(f"DELETE {of_run} AND {key} <= ?", run, border[0][0])
    return True
