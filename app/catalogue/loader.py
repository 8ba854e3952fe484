"""Catalogues out of the tables. What is read within one `consistent_read` belongs together.

The tables are read in chunks of movie ids, each by a primary key: no statement takes long,
and no more than a chunk is in memory twice.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields

from django.db import connection

from app.catalogue.catalogue import Catalogue, build
from app.catalogue.columns import HALF_STARS, Columns, MovieRow
from app.catalogue.runs import RunFigures, by_stars
from app.models import MovieGenre, Run

CHUNK = 5_000
FIGURES = fields(RunFigures)
COLUMNS = {"movies": "movies_accepted", "ratings": "ratings_accepted"}
"""Figures of a run that the table calls otherwise."""
BEGIN = {
    # Not Django's atomic(): it would take SQLite's write lock, and has no snapshot on MySQL.
    "sqlite": ["BEGIN DEFERRED"],
    "mysql": ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION READ ONLY"],
}
MOVIES = f"""
SELECT m.movie_id, m.title, m.year, r.rating_count, r.avg_rating, r.weighted_rating, r.year,
    r.`rank`, p.`rank`, r.last_rated_at,
    {", ".join(f"r.half_stars_{k}" for k in range(1, HALF_STARS + 1))}
FROM app_movie m
LEFT JOIN app_recommendationdata r ON r.run_id = %s AND r.movie_id = m.movie_id
LEFT JOIN app_recommendationdata p ON p.run_id = %s AND p.movie_id = m.movie_id
WHERE m.movie_id > %s ORDER BY m.movie_id LIMIT %s"""
"""Rows of Columns. Plain SQL: the ORM takes half as long again to make each row's time aware."""


@contextmanager
def consistent_read() -> Iterator[None]:
    """A read-only transaction over a snapshot. Inside of another transaction it does nothing."""
    if connection.in_atomic_block:
        yield
        return
    try:
        with connection.cursor() as cursor:
            for statement in BEGIN[connection.vendor]:
                cursor.execute(statement)
        yield
    finally:
        connection.rollback()


def load_runs() -> tuple[RunFigures, ...]:
    """All runs that are or were current, the newest first."""
    return tuple(_figures(run) for run in Run.objects.published().order_by("-id"))


def load_catalogue(run: RunFigures, *, previous_run: int | None, digest: str = "") -> Catalogue:
    """The movies of a kept run. Call it within a `consistent_read`."""
    columns, last = Columns(), 0
    while movies := _movies(run.id, previous_run, last):
        ids = [movie_id for movie_id, *_ in movies]
        genres = _genres(ids[0], last := ids[-1])
        columns.add(movies, [tuple(genres.get(movie_id, ())) for movie_id in ids])
    return build(run, columns, previous_run=previous_run, digest=digest)


def _movies(run_id: int, previous_run: int | None, after: int) -> Sequence[MovieRow]:
    """The next movies by ascending ids."""
    with connection.cursor() as cursor:
        cursor.execute(MOVIES, [run_id, previous_run, after, CHUNK])
        rows: Sequence[MovieRow] = cursor.fetchall()
        return rows


def _genres(first: int, last: int) -> dict[int, list[str]]:
    """Movie id -> its genres, in alphabetical order."""
    rows = MovieGenre.objects.filter(movie_id__gte=first, movie_id__lte=last)
    found = defaultdict[int, list[str]](list)
    for movie_id, genre in rows.order_by("movie_id", "genre").values_list("movie_id", "genre"):
        found[movie_id].append(genre)
    return found


def _figures(run: Run) -> RunFigures:
    named = {field.name: getattr(run, COLUMNS.get(field.name, field.name)) for field in FIGURES}
    return RunFigures(**named | {"half_star_counts": by_stars(run.half_star_counts)})
