"""Catalogues out of the tables. What is read within one `consistent_read` belongs together.

The tables are read in chunks of movie ids, each by a primary key: no statement takes long,
and no more than a chunk is in memory twice.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from django.db import connection

from app.catalogue.catalogue import Catalogue, build
from app.catalogue.columns import HALF_STARS, Columns
from app.catalogue.runs import RunFigures, by_stars
from app.models import Movie, MovieGenre, RecommendationData, Run

CHUNK = 5_000
FIGURES = fields(RunFigures)
COLUMNS = {"movies": "movies_accepted", "ratings": "ratings_accepted"}
"""Figures of a run that the table calls otherwise."""
BEGIN = {
    # Not Django's atomic(): it would take SQLite's write lock, and has no snapshot on MySQL.
    "sqlite": ["BEGIN DEFERRED"],
    "mysql": ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION READ ONLY"],
}
RATINGS = f"""
SELECT movie_id, rating_count, avg_rating, weighted_rating, `rank`, year, last_rated_at,
    {", ".join(f"half_stars_{k}" for k in range(1, HALF_STARS + 1))}
FROM app_recommendationdata WHERE run_id = %s AND movie_id BETWEEN %s AND %s ORDER BY movie_id"""
"""Plain SQL: to make the time of each row aware takes the ORM half as long as all the rest."""


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
    columns = Columns()
    for movies in _movies():
        ids = (movies[0][0], movies[-1][0])
        genres = _genres(*ids)
        columns.add([(*movie, tuple(genres.get(movie[0], ()))) for movie in movies])
        _add_ratings(columns, run.id, *ids)
        if previous_run is not None:
            _add_previous_ranks(columns, previous_run, *ids)
    return build(run, columns, previous_run=previous_run, digest=digest)


def _movies() -> Iterator[list[tuple[int, str, int | None]]]:
    """(id, title, year) of all movies by ascending ids, in chunks."""
    rows = Movie.objects.order_by("movie_id").values_list("movie_id", "title", "year")
    chunk = list(rows[:CHUNK])
    while chunk:
        yield chunk
        chunk = list(rows.filter(movie_id__gt=chunk[-1][0])[:CHUNK])


def _genres(first: int, last: int) -> dict[int, list[str]]:
    """Movie id -> its genres, in alphabetical order."""
    rows = MovieGenre.objects.filter(movie_id__gte=first, movie_id__lte=last)
    found = defaultdict[int, list[str]](list)
    for movie_id, genre in rows.order_by("movie_id", "genre").values_list("movie_id", "genre"):
        found[movie_id].append(genre)
    return found


def _add_ratings(columns: Columns, run_id: int, first: int, last: int) -> None:
    """What the run has of the movies from `first` to `last`."""
    with connection.cursor() as cursor:
        cursor.execute(RATINGS, [run_id, first, last])
        for movie_id, *figures in cursor.fetchall():
            row = columns.row_of(movie_id)
            if row is not None:  # else the catalogue lacks it
                columns.rate(row, *figures)


def _add_previous_ranks(columns: Columns, run_id: int, first: int, last: int) -> None:
    ranked = RecommendationData.objects.filter(
        run_id=run_id, movie_id__gte=first, movie_id__lte=last, rank__isnull=False
    )
    for movie_id, rank in ranked.order_by("movie_id").values_list("movie_id", "rank"):
        row = columns.row_of(movie_id)
        if row is not None and rank is not None:
            columns.previous_rank[row] = rank


def _figures(run: Run) -> RunFigures:
    named = {field.name: getattr(run, COLUMNS.get(field.name, field.name)) for field in FIGURES}
    return RunFigures(**named | {"half_star_counts": by_stars(run.half_star_counts)})
