"""Every read of the published data but the lists (`app/lists.py`), named by what it answers.

Views never build filters of their own.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from app.answers import remember
from app.complaints import ParameterError
from app.edition import Edition
from app.models import HALF_STARS, Movie, MovieGenre, RecommendationData, Run
from app.parameters import Listing, parameter_error
from app.problems import bad_parameters, missing

GENRE_SIZES = """
SELECT g.genre, COUNT(*), COUNT(r.rank)
FROM app_recommendationdata r
JOIN app_moviegenre g ON g.movie_id = r.movie_id
WHERE r.run_id = %s AND r.movie_id NOT IN ({hidden})
GROUP BY g.genre ORDER BY g.genre"""


@dataclass(frozen=True)
class Place:
    """Where a movie stands in a run, and where it stood in the kept run before that."""

    movie: Movie
    row: RecommendationData | None
    former_run: int | None
    former_rank: int | None


def run_of(edition: Edition, run_id: int | None) -> Run:
    """The run that was asked for, by default the current one.

    Raises Problem: 404 where its rows are not kept, 503 where it is current and has none.
    """
    if run_id is None or run_id == edition.run.pk:
        edition.refuse_without_rows()
        return edition.run
    run = kept_run(run_id)
    if run is None:
        kept = ", ".join(map(str, kept_run_ids()))
        allowed = f"must be a run whose rows are kept: {kept}"
        error = parameter_error("run", run_id, allowed, "not_kept", kept=kept)
        raise missing(f"run: {allowed}", error)
    return run


def kept_run(run_id: int) -> Run | None:
    """A published run whose rows are still there."""
    return Run.objects.kept().filter(id=run_id).first()


def ranked_rows(edition: Edition) -> int:
    """How many ranked movies the current run has, counted in its rows."""
    run = edition.run
    rows = RecommendationData.objects.filter(run=run, rating_count__gte=run.min_ratings)
    return remember("ranked rows", edition, rows.count)


def published_run(run_id: int) -> Run:
    """A run that is or was current. Raises Problem (404)."""
    run = Run.objects.published().filter(id=run_id).first()
    if run is None:
        raise missing(f"There is no published run {run_id}.")
    return run


def newest_run() -> Run:
    """The run that was published last; not the current one after a way back."""
    return Run.objects.published().latest("id")


def published_runs(*, up_to: Run, limit: int, offset: int = 0) -> tuple[list[Run], int]:
    """A stretch of the published runs, the newest first, and how many there are."""
    runs = Run.objects.published().filter(id__lte=up_to.pk).order_by("-id")
    return list(runs[offset : offset + limit]), runs.count()


def kept_run_ids() -> list[int]:
    """The runs that can be asked for, the newest first."""
    return list(Run.objects.kept().order_by("-id").values_list("id", flat=True))


def genres(edition: Edition) -> list[str]:
    """All genres of the catalogue, in alphabetical order."""
    return remember("genres", edition, _genres)


def _genres() -> list[str]:
    return list(MovieGenre.objects.order_by("genre").values_list("genre", flat=True).distinct())


def genre_sizes(edition: Edition, run: Run) -> list[dict[str, Any]]:
    """Each genre with its number of movies in the run, and of ranked ones; hidden ones left out."""
    return remember(f"genre sizes {run.pk}", edition, lambda: _genre_sizes(edition, run))


def _genre_sizes(edition: Edition, run: Run) -> list[dict[str, Any]]:
    # Plain SQL, as the ORM would join the catalogue's movies in between: half as much again.
    hidden = sorted(edition.hidden) or [0]
    query = GENRE_SIZES.format(hidden=", ".join(["%s"] * len(hidden)))
    with connection.cursor() as cursor:
        cursor.execute(query, [run.pk, *hidden])
        return [
            {"genre": genre, "movies": movies, "movies_ranked": ranked}
            for genre, movies, ranked in cursor.fetchall()
        ]


def check_genres(edition: Edition, asked: Listing) -> None:
    """Raises Problem (400) naming a genre that the catalogue does not have."""
    if errors := unknown_genres(edition, asked.genre):
        raise bad_parameters(errors[:1])


def unknown_genres(edition: Edition, asked: list[str]) -> list[ParameterError]:
    """A complaint about each that the catalogue does not have."""
    if not asked:
        return []
    known = genres(edition)
    detail = f"must be one of {', '.join(known)}"
    return [
        parameter_error("genre", genre, detail, "one_of")
        for genre in asked
        if genre.removeprefix("-") not in known
    ]


def place_of(edition: Edition, run: Run, movie_id: int) -> Place:
    """A movie of the catalogue in a run. Raises Problem (404), for a hidden one, too."""
    movie = Movie.objects.prefetch_related("genres").filter(movie_id=movie_id).first()
    if movie is None or movie_id in edition.hidden:
        raise missing(f"There is no movie {movie_id}.")
    row = RecommendationData.objects.filter(run=run, movie_id=movie_id).first()
    earlier = Run.objects.kept().filter(id__lt=run.pk).order_by("-id")
    former = earlier.values_list("id", flat=True).first()
    ranks = RecommendationData.objects.filter(run=former, movie_id=movie_id)
    rank = ranks.values_list("rank", flat=True).first() if former else None
    return Place(movie, row, former, rank)


def half_star_counts(row: RecommendationData | None) -> list[int]:
    """Ten counts, from half a star to five stars."""
    return [getattr(row, f"half_stars_{k}", 0) for k in HALF_STARS]
