"""Rows first, pointer last: a run becomes visible whole, in one transaction, or not at all.

Under the publish lock: the run is inserted as `loading`, its rows arrive under its id,
and `_flip` counts them and makes it current. Readers name a run in every query, and none
names one that is loading; so a job killed at any instant leaves the site as it was. What a
dead job left behind, the next one clears away.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spark_jobs import signals
from spark_jobs.errors import JobError
from spark_jobs.input.rejection import Rejected
from spark_jobs.input.titles import search_title
from spark_jobs.run_report import Figures
from spark_jobs.store.database import Database
from spark_jobs.store.flip import flip_in_spite_of_locks

PURGE_ROWS = 5_000
SERVED = {"app_recommendationdata": "movie_id", "app_rejectedrow": "id"}
STAGED = {"app_stagedmovie": "movie_id", "app_stagedmoviegenre": "movie_id"}
"""Tables with rows of a run -> the column by which those are deleted in chunks."""


@dataclass(frozen=True)
class Rows:
    """What a run publishes, as the steps made it."""

    ranked: pa.Table
    movies: pa.Table
    rejected_movies: Rejected
    rejected_ratings: Rejected


def publish(database: Database, rows: Rows, figures: Figures, *, keep_runs: int) -> int:
    """Publish the rows as a new current run and return its id.

    Raises JobError, and leaves the former run current, when another job is publishing,
    the database fails or rows are missing. Only when clearing up fails is the new run
    current all the same, and the error says so.
    """
    with database.publish_lock():
        _clear_dead_rows(database)
        _fail_abandoned_runs(database)
        run = _insert_run(database, figures)
        try:
            appended = _append_rows(database, run, rows)
            signals.outcome = f"`manage.py runs` says whether run {run} is current"
            flip_in_spite_of_locks(database, run, lambda: _flip(database, run, appended))
        except BaseException as error:
            signals.outcome = signals.NOTHING
            _fail(database, run, str(error) or type(error).__name__)
            raise
        signals.outcome = f"run {run} is current already"
        try:
            purge(database, keep_runs=keep_runs)
        except JobError as error:
            raise JobError(
                f"run {run} is current, but former runs could not be cleared away: {error} "
                "(the next job tries again)"
            ) from error
    return run


def _clear_dead_rows(database: Database) -> None:
    # What failed and killed jobs left, as we hold the lock: first of all, for room in a full table.
    served = _kept_runs(database)
    for table, key in SERVED.items():
        for run in _runs_in(database, table) - served:
            _delete_in_chunks(database, table, key, run)
    _clear_staging(database)


def _clear_staging(database: Database) -> None:
    for table, key in STAGED.items():
        for run in _runs_in(database, table):
            _delete_in_chunks(database, table, key, run)


def _fail_abandoned_runs(database: Database) -> None:
    # We hold the lock, so whoever was loading is dead.
    database.execute(
        "UPDATE app_run SET status = 'failed', error = 'the job ended without a word'"
        " WHERE status = 'loading'"
    )


def _insert_run(database: Database, figures: Figures) -> int:
    row = {
        "status": "loading",
        "started_at": _timestamp(figures.started_at),
        "error": "",
        **figures.as_row(),
    }
    names, marks = ", ".join(row), ", ".join("?" for _ in row)
    database.execute(f"INSERT INTO app_run ({names}) VALUES ({marks})", *row.values())
    ((run,),) = database.query("SELECT id FROM app_run WHERE status = 'loading'")
    return int(run)


def _append_rows(database: Database, run: int, rows: Rows) -> dict[str, int]:
    """Table -> number of rows sent."""
    frames = {
        "app_stagedmovie": _catalogue(rows.movies),
        "app_stagedmoviegenre": _genres(rows.movies),
        "app_recommendationdata": rows.ranked,
        "app_rejectedrow": _samples(rows.rejected_movies, rows.rejected_ratings),
    }
    for table, frame in frames.items():
        if frame.num_rows:
            run_ids = pa.array(np.full(frame.num_rows, run))
            database.append(frame.add_column(0, "run_id", run_ids), table)
    return {table: frame.num_rows for table, frame in frames.items()}


def _catalogue(movies: pa.Table) -> pa.Table:
    searched = [search_title(title) for title in movies["title"].to_pylist()]
    return movies.drop_columns("genres").append_column("search_title", [searched])


def _genres(movies: pa.Table) -> pa.Table:
    genres = movies["genres"].combine_chunks()
    movie_ids = movies["movie_id"].take(pc.list_parent_indices(genres))
    return pa.table({"movie_id": movie_ids, "genre": genres.flatten()})


def _samples(*rejected: Rejected) -> pa.Table:
    rows = [
        {"file": file, "reason": reason, "raw": raw}
        for some in rejected
        for reason, sample in sorted(some.sample.items())
        for file, raw in sample
    ]
    names = ("file", "reason", "raw")
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in names]))


def _check_arrival(database: Database, run: int, appended: dict[str, int]) -> None:
    """Raise JobError unless exactly the rows that were sent stand in the database."""
    for table, expected in appended.items():
        arrived = _count(database, table, run)
        if arrived != expected:
            raise JobError(
                f"{table}: {arrived:,} of {expected:,} rows arrived; nothing was published, "
                "run the job again"
            )


def _flip(database: Database, run: int, appended: dict[str, int]) -> None:
    """The one transaction that readers notice: catalogue and pointer change together.

    Raises JobError unless all rows are there and the run is still the one that we began.
    """
    with database.transaction():
        _check_arrival(database, run, appended)
        _take_over_catalogue(database, run)
        database.execute("UPDATE app_run SET status = 'superseded' WHERE status = 'current'")
        changed = database.execute(
            "UPDATE app_run SET status = 'current', finished_at = ?"
            " WHERE id = ? AND status = 'loading'",
            _now(),
            run,
        )
        if changed != 1:
            raise JobError(
                f"run {run} is no longer loading: another job or `manage.py runs purge` took it "
                "for dead; nothing was published, run the job again"
            )


def _take_over_catalogue(database: Database, run: int) -> None:
    # Movies that this run does not know keep their rows: kept runs may still name them.
    columns = ("title", "search_title", "year")
    staged = f"SELECT movie_id, {', '.join(columns)} FROM app_stagedmovie AS s WHERE s.run_id = ?"
    database.execute(database.upsert("app_movie", "movie_id", columns, staged), run)
    # Only genres that changed are touched: few locks, and none on an unchanged catalogue.
    database.execute(
        "DELETE FROM app_moviegenre WHERE movie_id IN"
        " (SELECT s.movie_id FROM app_stagedmovie AS s WHERE s.run_id = ?)"
        " AND NOT EXISTS (SELECT 1 FROM app_stagedmoviegenre AS g WHERE g.run_id = ?"
        " AND g.movie_id = app_moviegenre.movie_id AND g.genre = app_moviegenre.genre)",
        run,
        run,
    )
    database.execute(
        "INSERT INTO app_moviegenre (movie_id, genre)"
        " SELECT g.movie_id, g.genre FROM app_stagedmoviegenre AS g WHERE g.run_id = ?"
        " AND NOT EXISTS (SELECT 1 FROM app_moviegenre AS m"
        " WHERE m.movie_id = g.movie_id AND m.genre = g.genre)",
        run,
    )


def purge(database: Database, *, keep_runs: int) -> None:
    """Delete the rows of all runs but the newest `keep_runs` published ones, in chunks.

    `keep_runs` is at least 1, and the current run is always among the kept. The `app_run`
    rows stay: the history is small. Call it under the publish lock.
    """
    kept = _kept_runs(database, keep_runs)
    for (run,) in database.query("SELECT id FROM app_run WHERE purged_at IS NULL"):
        if run not in kept:
            _mark_purged(database, run)
    for table, key in SERVED.items():
        for run in _runs_in(database, table) - kept:
            _delete_in_chunks(database, table, key, run)
    _clear_staging(database)


def _mark_purged(database: Database, run: int) -> None:
    # With the mark the site stops offering a run; so it is there together with the first rows'
    # going. Rows first: a full table has no room for a mark.
    with database.transaction():
        for table, key in SERVED.items():
            _delete_chunk(database, table, key, run)
        database.execute("UPDATE app_run SET purged_at = ? WHERE id = ?", _now(), run)


def _kept_runs(database: Database, most: int | None = None) -> set[int]:
    """The newest published runs that have their rows, the current one first of all."""
    published = database.query(
        "SELECT id FROM app_run WHERE status IN ('current', 'superseded')"
        " AND purged_at IS NULL ORDER BY status = 'current' DESC, id DESC"
    )
    return {int(run) for (run,) in published[:most]}


def _runs_in(database: Database, table: str) -> set[int]:
    return {int(run) for (run,) in database.query(f"SELECT DISTINCT run_id FROM {table}")}


def _delete_in_chunks(database: Database, table: str, key: str, run: int) -> None:
    # Short transactions: neither readers nor the curators' admin wait for a purge.
    while _delete_chunk(database, table, key, run):
        pass


def _delete_chunk(database: Database, table: str, key: str, run: int) -> bool:
    """Delete the first rows of a run; whether it has more."""
    of_run = f"FROM {table} WHERE run_id = ?"
    border = database.query(
        f"SELECT {key} {of_run} ORDER BY {key} LIMIT 1 OFFSET {PURGE_ROWS}", run
    )
    if not border:
        database.execute(f"DELETE {of_run}", run)
        return False
    database.execute(f"DELETE {of_run} AND {key} <= ?", run, border[0][0])
    return True


def _count(database: Database, table: str, run: int) -> int:
    ((rows,),) = database.query(f"SELECT COUNT(*) FROM {table} WHERE run_id = ?", run)
    return int(rows)


def _fail(database: Database, run: int, error: str) -> None:
    # Where the database is gone the next job does all this; the first error goes up. Rows first:
    # in a full table there is no room for the words otherwise. Never those of a run that became
    # current although its flip seemed to fail.
    with suppress(Exception):
        if database.query("SELECT status FROM app_run WHERE id = ?", run) != [("loading",)]:
            return
        for table, key in (STAGED | SERVED).items():
            _delete_in_chunks(database, table, key, run)
    with suppress(Exception):
        database.execute(
            "UPDATE app_run SET status = 'failed', error = ? WHERE id = ? AND status = 'loading'",
            error,
            run,
        )


def _now() -> str:
    return _timestamp(datetime.now(UTC))


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
