"""Rows first, pointer last: a run becomes visible whole, in one transaction, or not at all.

Under the publish lock the run is inserted as `loading`, its rows arrive under its id,
and `flip` counts them and makes it current. Readers name a run in every query, and never
one that is loading, so a job killed at any instant leaves the site as it was. The next job
deletes what a dead one left behind.
"""

from collections.abc import Mapping
from contextlib import suppress

from spark_jobs import signals, timeline
from spark_jobs.contract import ABANDONED, RUN_TABLES, STAGING_TABLES
from spark_jobs.errors import JobError
from spark_jobs.model.rows import Rows, with_run
from spark_jobs.run_report import RunReport
from spark_jobs.store.engine import Database
from spark_jobs.store.flip import flip
from spark_jobs.store.purge import clear_dead_rows, delete_in_chunks, purge
from spark_jobs.store.times import as_text


def publish(
    database: Database, tables: Mapping[str, Rows], report: RunReport, *, keep_runs: int
) -> int:
    """Publish the rows of some tables as a new current run and return its id.

    Raises JobError, and leaves the previous run current, if another job is publishing,
    the database fails or rows are missing. Only if the purge fails is the new run
    current anyway, and the error says so.
    """
    with database.publish_lock():
        clear_dead_rows(database)
        _fail_abandoned_runs(database)
        run = _insert_run(database, report)
        try:
            appended = _append_rows(database, run, tables)
            signals.outcome = f"`manage.py runs` says whether run {run} is current"
            with timeline.span("flip"):
                flip(database, run, appended)
        except BaseException as error:
            signals.outcome = signals.NOTHING
            _fail(database, run, str(error) or type(error).__name__)
            raise
        signals.outcome = f"run {run} is already current"
        try:
            with timeline.span("purge"):
                purge(database, keep_runs=keep_runs)
        except JobError as error:
            raise JobError(
                f"run {run} is current, but the rows of old runs could not be deleted: {error} "
                "(the next job tries again)"
            ) from error
    return run


def _fail_abandoned_runs(database: Database) -> None:
    # We hold the lock, so any loading run is dead.
    database.execute(
        "UPDATE app_run SET status = 'failed', error = ? WHERE status = 'loading'", ABANDONED
    )


def _insert_run(database: Database, report: RunReport) -> int:
    row = {
        "status": "loading",
        "started_at": as_text(report.started_at),
        "error": "",
        **report.as_row(),
    }
    names, marks = ", ".join(row), ", ".join("?" for _ in row)
    database.execute(f"INSERT INTO app_run ({names}) VALUES ({marks})", *row.values())
    ((run,),) = database.query("SELECT id FROM app_run WHERE status = 'loading'")
    return int(run)


def _append_rows(database: Database, run: int, tables: Mapping[str, Rows]) -> dict[str, int]:
    """Send the rows. Return table -> number of rows sent."""
    for table, rows in tables.items():
        if rows.num_rows:
            with timeline.span(table):
                database.append(with_run(rows, run), table)
    return {table: rows.num_rows for table, rows in tables.items()}


def _fail(database: Database, run: int, error: str) -> None:
    # If the database is gone the next job does this; the first error is raised. Rows first: in a
    # full table there is otherwise no room for the error. Never delete those of a run that became
    # current although its flip seemed to fail.
    with suppress(Exception):
        if database.query("SELECT status FROM app_run WHERE id = ?", run) != [("loading",)]:
            return
        for table, key in (STAGING_TABLES | RUN_TABLES).items():
            delete_in_chunks(database, table, key, run)
    with suppress(Exception):
        database.execute(
            "UPDATE app_run SET status = 'failed', error = ? WHERE id = ? AND status = 'loading'",
            error,
            run,
        )
