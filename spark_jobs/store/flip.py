"""The flip: the one transaction that readers notice, in which a run becomes current.

It is retried if a lock is in its way. If the connection is lost in it, the server is asked over
another one whether the run became current.
"""

import time
from contextlib import closing

from spark_jobs.console import warn
from spark_jobs.errors import JobError
from spark_jobs.store.engine import Database, DisconnectedError, LockedError
from spark_jobs.store.times import now

ATTEMPTS = 3
PAUSE_SECONDS = 2.0


def flip(database: Database, run: int, appended: dict[str, int]) -> None:
    """Make a run current after its rows were sent; `appended` counts them by table.

    Raises JobError if rows are missing, if a lock stays held (it says by whom), or if the
    connection is lost (it says whether the run became current).
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _make_current(database, run, appended)
            return
        except LockedError as error:
            if attempt == ATTEMPTS:
                raise LockedError(
                    f"{error}; gave up after {ATTEMPTS} attempts, nothing was published"
                ) from error
            warn(f"{error}; trying again")
            time.sleep(PAUSE_SECONDS)
        except DisconnectedError as error:
            raise JobError(f"{error}; {_what_became_of(database, run)}") from error


def _make_current(database: Database, run: int, appended: dict[str, int]) -> None:
    """Change catalogue and pointer together.

    Raises JobError unless all rows have arrived and the run is still loading.
    """
    with database.transaction():
        _check_arrival(database, run, appended)
        _take_over_catalogue(database, run)
        database.execute("UPDATE app_run SET status = 'superseded' WHERE status = 'current'")
        changed = database.execute(
            "UPDATE app_run SET status = 'current', finished_at = ?"
            " WHERE id = ? AND status = 'loading'",
            now(),
            run,
        )
        if changed != 1:
            raise JobError(
                f"run {run} is no longer loading: another job or `manage.py runs purge` "
                "considered it dead; nothing was published, run the job again"
            )


def _check_arrival(database: Database, run: int, appended: dict[str, int]) -> None:
    """Raise JobError unless the database has exactly as many rows as were sent."""
    for table, expected in appended.items():
        arrived = _count(database, table, run)
        if arrived != expected:
            raise JobError(
                f"{table}: {arrived:,} of {expected:,} rows arrived; nothing was published, "
                "run the job again"
            )


def _count(database: Database, table: str, run: int) -> int:
    ((rows,),) = database.query(f"SELECT COUNT(*) FROM {table} WHERE run_id = ?", run)
    return int(rows)


def _take_over_catalogue(database: Database, run: int) -> None:
    # Movies that are not in this run keep their rows: kept runs may still refer to them.
    columns = ("title", "year", "imdb_id", "tmdb_id", "tags")
    staged = f"SELECT movie_id, {', '.join(columns)} FROM app_stagedmovie AS s WHERE s.run_id = ?"
    database.execute(database.upsert("app_movie", "movie_id", columns, staged), run)
    # Only changed genres are touched: few locks, and none for an unchanged catalogue.
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


def _what_became_of(database: Database, run: int) -> str:
    """What the server says about the run, over a new connection."""
    try:
        with closing(database.reconnect()) as other:
            is_current = _is_current(other, run) or _became_current(other, run)
    except JobError as error:
        return (
            f"whether run {run} became current is not known ({error}): `python manage.py runs` "
            "shows it"
        )
    if is_current:
        return f"run {run} is current anyway; the next job deletes the rows of old runs"
    return "nothing was published: run the job again"


def _became_current(database: Database, run: int) -> bool:
    # The lock is free only once the server has also given up the lost connection.
    with database.publish_lock():
        return _is_current(database, run)


def _is_current(database: Database, run: int) -> bool:
    return database.query("SELECT status FROM app_run WHERE id = ?", run) == [("current",)]
