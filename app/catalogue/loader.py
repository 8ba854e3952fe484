"""Load catalogues from the tables. Reads within one `consistent_read` are consistent.

The tables are read in chunks of movie ids, each by a primary key: no statement takes long,
and no more than a chunk is in memory twice.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields

from django.db import connection
from django.db.models import FilteredRelation, Q

from app.catalogue.catalogue import Catalogue, build
from app.catalogue.columns import HALF_STARS, Columns, MovieRow
from app.catalogue.fitted import FittedModels
from app.catalogue.runs import RunFigures, by_stars
from app.models import (
    MovieGenre,
    RecommendationData,
    Run,
    SimilarMovie,
    UserRecommendation,
    VisitorWeights,
)

CHUNK = 5_000
FIGURES = fields(RunFigures)
COLUMNS = {"movies": "movies_accepted", "ratings": "ratings_accepted"}
"""Figures of a run that have another name in the table."""
BEGIN = {
    # Not Django's atomic(): it takes SQLite's write lock, and has no snapshot on MySQL.
    "sqlite": ["BEGIN DEFERRED"],
    "mysql": ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION READ ONLY"],
}
MOVIES = f"""
SELECT m.movie_id, m.title, m.year, r.rating_count, r.avg_rating, r.weighted_rating, r.year,
    r.`rank`, p.`rank`, r.lower_bound, r.upper_bound, r.trend, r.last_rated_at, r.months,
    m.imdb_id, m.tmdb_id, m.tags,
    {", ".join(f"r.half_stars_{k}" for k in range(1, HALF_STARS + 1))}
FROM app_movie m
LEFT JOIN app_recommendationdata r ON r.run_id = %s AND r.movie_id = m.movie_id
LEFT JOIN app_recommendationdata p ON p.run_id = %s AND p.movie_id = m.movie_id
WHERE m.movie_id > %s ORDER BY m.movie_id LIMIT %s"""
"""Rows of Columns. Plain SQL: the ORM takes half as long again, to make each row's time aware."""


@contextmanager
def consistent_read() -> Iterator[None]:
    """A read-only transaction over a snapshot. Inside another transaction it does nothing."""
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
    columns, models, last = Columns(), FittedModels(), 0
    while movies := _movies(run.id, previous_run, last):
        ids = [movie_id for movie_id, *_ in movies]
        genres = _genres(ids[0], last := ids[-1])
        columns.add(movies, [tuple(genres.get(movie_id, ())) for movie_id in ids])
        if run.has_models:
            first = len(columns) - len(ids)
            _add_models(models, run.id, {id_: row for row, id_ in enumerate(ids, start=first)})
    return build(run, columns, models, previous_run=previous_run, digest=digest)


def load_user_list(run_id: int, user_id: int) -> bytes | None:
    """The packed list of a user in a run; None if the run has none."""
    rows = UserRecommendation.objects.filter(run_id=run_id, user_id=user_id)
    packed = rows.values_list("packed", flat=True).first()
    return None if packed is None else bytes(packed)


def load_ranks(runs: Sequence[RunFigures], movie_id: int) -> dict[int, int | None]:
    """Run -> rank of a movie in it, None if it had none; one statement, by primary keys.

    Rows of a run never change, but they are purged: the same statement sees whether the run still
    has them, so one that was purged or replaced from a backup since `runs` were read is left out.
    """
    found = (
        Run.objects.kept()
        .filter(id__in=[run.id for run in runs])
        .annotate(
            row=FilteredRelation(
                "recommendationdata", condition=Q(recommendationdata__movie_id=movie_id)
            )
        )
        .values_list("id", "started_at", "finished_at", "row__rank")
    )
    ranks = {tuple(run): rank for *run, rank in found}
    named = {run.id: (run.id, run.started_at, run.finished_at) for run in runs}
    return {id_: ranks[name] for id_, name in named.items() if name in ranks}


def load_ranks_of_run(run_id: int) -> dict[int, int]:
    """Movie id -> rank in a run, of its ranked movies; empty if its rows are purged."""
    rows = RecommendationData.objects.filter(run_id=run_id, run__purged_at=None)
    ranked = rows.filter(rank__isnull=False).values_list("movie_id", "rank")
    return {movie_id: rank for movie_id, rank in ranked if rank is not None}


def _movies(run_id: int, previous_run: int | None, after: int) -> Sequence[MovieRow]:
    """The next movies, in ascending order of ids."""
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


def _add_models(models: FittedModels, run_id: int, rows: dict[int, int]) -> None:
    """Add what the models have for the movies in these rows, in ascending order of ids."""
    of_run = {"run_id": run_id, "movie_id__gte": min(rows), "movie_id__lte": max(rows)}
    similar = SimilarMovie.objects.filter(**of_run).order_by("movie_id")
    for movie_id, packed in similar.values_list("movie_id", "packed"):
        if movie_id in rows:  # otherwise the catalogue lacks it
            models.similar.add(rows[movie_id], packed)
    weights = VisitorWeights.objects.filter(**of_run).order_by("movie_id")
    for movie_id, scale, packed in weights.values_list("movie_id", "scale", "packed"):
        if movie_id in rows:
            models.visitor_weights.add(rows[movie_id], packed)
            models.scales.append(scale)


def _figures(run: Run) -> RunFigures:
    named = {field.name: getattr(run, COLUMNS.get(field.name, field.name)) for field in FIGURES}
    return RunFigures(**named | {"half_star_counts": by_stars(run.half_star_counts)})
