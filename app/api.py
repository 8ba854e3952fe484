"""The JSON addresses: an operation each. It reads its parameters, asks the queries, shapes.

What is here runs only for answers that nobody asked for before in this edition; the way in is
`app/read_path.py`, which also turns whatever is raised into problem+json.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI
from ninja.errors import ValidationError
from pydantic_core import to_json

from app import edition, lists, queries, runs, schemas
from app.answers import VERSION, answer, remember
from app.edition import Edition
from app.models import HALF_STARS, Movie, Run
from app.openapi import DESCRIPTION, PROBLEMS, document
from app.parameters import (
    Asked,
    Listing,
    MovieId,
    Nothing,
    OfRun,
    OfRunStretch,
    Parameters,
    RunId,
    Search,
    Stretch,
    UpToRunStretch,
    parameter_error,
)
from app.problems import (
    DATABASE_ERRORS,
    bad_parameters,
    database_problem,
    missing,
    nothing_published,
)
from app.read_path import NAMESPACE

TOP = 10

api = NinjaAPI(
    title="Movie recommendations",
    version=VERSION,
    description=DESCRIPTION,
    urls_namespace=NAMESPACE,
    openapi_url=None,
    docs_url=None,
)


@api.exception_handler(Exception)
def _pass_on(_request: HttpRequest, error: Exception) -> NoReturn:
    raise error


@api.exception_handler(ValidationError)
def _refuse_path(request: HttpRequest, error: ValidationError) -> NoReturn:
    # Only the path is left to ninja; queries are read by `StrictQuery`.
    given = request.resolver_match.kwargs if request.resolver_match else {}
    names = {one["loc"][-1]: one["msg"] for one in error.errors}
    raise bad_parameters(
        [parameter_error(name, given.get(name), message) for name, message in names.items()]
    )


def operation(path: str, shape: Any, **more: Any) -> Callable[[Any], Any]:
    """A JSON address; what can go wrong is the same everywhere."""
    return api.get(path, response={200: shape, **PROBLEMS}, **more)


@operation("/health/", schemas.Health, tags=["health"])
def health(request: HttpRequest, asked: Asked[Nothing]) -> HttpResponse:
    """200 when the database answers and a run is current and has rows, 503 with a reason when not.

    `warnings` name a run that is old, or that has other rows than it counts.
    """
    sighting = edition.watch.look(now=True)
    sighting.refuse_in_trouble()
    if sighting.edition is None:
        raise nothing_published()
    sighting.edition.refuse_without_rows()
    run = sighting.edition.run
    age = round((timezone.now() - run.finished_at).total_seconds()) if run.finished_at else 0
    return _fresh(
        {
            "status": "ok",
            "database": "ok",
            "run": {**_run_id(run), "age_seconds": age},
            "warnings": _warnings(sighting.edition, age),
        }
    )


@operation("/health/live/", schemas.Life, tags=["health"])
def live(request: HttpRequest, asked: Asked[Nothing]) -> HttpResponse:
    """200 as long as this process answers at all; the database is not asked."""
    return _fresh({"status": "alive"})


@operation("/stats/", schemas.Stats, tags=["lists"])
def stats(request: HttpRequest, asked: Asked[OfRun]) -> HttpResponse:
    """The figures of a run and the head of its list."""

    def build(current: Edition) -> dict[str, Any]:
        run = queries.run_of(current, asked.run)
        head = Listing(run=run.pk, limit=TOP)
        return {
            "run": _run_id(run),
            "notice": run.notice,
            "movies": run.movies_accepted,
            "movies_rated": run.movies_rated,
            "movies_ranked": run.movies_ranked,
            "ratings": run.ratings_accepted,
            "ratings_rejected": run.ratings_rejected,
            "mean_rating": run.mean_rating,
            "prior_mean": run.prior_mean,
            "prior_weight": run.prior_weight,
            "min_ratings": run.min_ratings,
            "half_star_counts": _by_stars(run.half_star_counts),
            "top": lists.stretch(current, run, head)[1],
        }

    return _answer(request, asked, build)


@operation("/recommendations/", schemas.Ranking, tags=["lists"])
def recommendations(request: HttpRequest, asked: Asked[Listing]) -> HttpResponse:
    """A stretch of the ranking. `next` and `previous` stay within the run they came from."""
    return _answer(request, asked, lambda current: _ranking(request, current, asked))


@operation("/api/search/", schemas.Ranking, tags=["lists"])
def search(request: HttpRequest, asked: Asked[Search]) -> HttpResponse:
    """Movies by words of their titles, also those below the floor of the ranking.

    A search looks through the titles of the catalogue, at the most twice; then it is known.
    """
    return _answer(request, asked, lambda current: _ranking(request, current, asked))


@operation("/api/movies/{movie_id}/", schemas.MovieDetail, tags=["movies"])
def movie(request: HttpRequest, movie_id: MovieId, asked: Asked[OfRun]) -> HttpResponse:
    """A movie, its half-star counts, and how its score came about."""

    def build(current: Edition) -> dict[str, Any]:
        run = queries.run_of(current, asked.run)
        place = queries.place_of(current, run, movie_id)
        return {
            "run": run.pk,
            "movie_id": movie_id,
            "title": place.movie.title,
            "year": place.movie.year,
            "genres": place.movie.genre_names,
            "pinned": movie_id in current.pinned,
            "half_star_counts": _by_stars(queries.half_star_counts(place.row)),
            "last_rated_at": place.row.last_rated_at if place.row else None,
            "explanation": explain(run, place),
        }

    return _answer(request, asked, build)


@operation("/api/genres/", schemas.Genres, tags=["lists"])
def genres(request: HttpRequest, asked: Asked[OfRunStretch]) -> HttpResponse:
    """The genres of the catalogue and how many movies each has in the run."""

    def build(current: Edition) -> dict[str, Any]:
        run = queries.run_of(current, asked.run)
        sizes = queries.genre_sizes(current, run)
        results = sizes[asked.offset : asked.offset + asked.limit]
        return _page(request, asked, run, len(sizes), results)

    return _answer(request, asked, build)


@operation("/api/runs/", schemas.Runs, tags=["runs"])
def runs_(request: HttpRequest, asked: Asked[UpToRunStretch]) -> HttpResponse:
    """The runs that are or were current, the newest first."""

    def build(_: Edition) -> dict[str, Any]:
        newest = queries.published_run(asked.run) if asked.run else queries.newest_run()
        found, count = queries.published_runs(up_to=newest, limit=asked.limit, offset=asked.offset)
        return _page(request, asked, newest, count, [_run_item(run) for run in found])

    return _answer(request, asked, build)


@operation("/api/runs/{run_id}/", schemas.RunDetail, tags=["runs"])
def run(request: HttpRequest, run_id: RunId, asked: Asked[Nothing]) -> HttpResponse:
    """All figures of a run, also of one whose rows are gone."""
    return _answer(request, asked, lambda _: _run_detail(queries.published_run(run_id)))


@operation("/api/runs/{before}/diff/{after}/", schemas.Difference, tags=["runs"])
def difference(
    request: HttpRequest,
    before: RunId,
    after: RunId,
    asked: Asked[Stretch],
) -> HttpResponse:
    """What the ranking of one kept run has that another's had not, and the other way round."""

    def build(current: Edition) -> dict[str, Any]:
        found = remember(f"diff {before} {after}", current, lambda: _compare(before, after))
        moves = [move for move in found.moves if move.movie_id not in current.hidden]
        shown = moves[asked.offset : asked.offset + asked.limit]
        movies = runs.movies_of(shown)
        results = [_move(one, movies[one.movie_id]) for one in shown if one.movie_id in movies]
        return {
            **_page(request, asked, queries.run_of(current, after), len(moves), results),
            "before": before,
            **_kinds(moves),
        }

    return _answer(request, asked, build)


@api.get("/api/openapi.json", include_in_schema=False)
def openapi(request: HttpRequest, asked: Asked[Nothing]) -> HttpResponse:
    """The OpenAPI 3.1 document; it lists the genres that there are, once there are some."""
    if edition.watch.look().edition is None:
        return _fresh(document(api, []))
    return _answer(request, asked, lambda current: document(api, queries.genres(current)))


def explain(run: Run, place: queries.Place) -> dict[str, Any] | None:
    """The terms of the weighted rating and the way of the rank; None without ratings."""
    row = place.row
    if row is None:
        return None
    n, m = row.rating_count, run.prior_weight
    known = row.rank is not None and place.former_rank is not None
    return {
        "n": n,
        "R": row.avg_rating,
        "C": run.prior_mean,
        "m": m,
        "weight": n / (n + m),
        "weighted_rating": row.weighted_rating,
        "rank": row.rank,
        "former_run": place.former_run,
        "former_rank": place.former_rank,
        "rank_change": (place.former_rank or 0) - (row.rank or 0) if known else None,
    }


def _answer(
    request: HttpRequest, asked: Parameters, build: Callable[[Edition], Any]
) -> HttpResponse:
    return answer(request, _question(request, asked), build)


def _question(request: HttpRequest, asked: Parameters) -> str:
    query = asked.query
    return f"{request.path_info}?{query}" if query else request.path_info


def _fresh(body: Any) -> HttpResponse:
    """An answer of this moment only."""
    return HttpResponse(
        to_json(body), content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _ranking(request: HttpRequest, current: Edition, asked: Listing) -> dict[str, Any]:
    run = queries.run_of(current, asked.run)
    queries.check_genres(current, asked)
    extent, entries = lists.stretch(current, run, asked)
    return _page(request, asked, run, extent.count, entries)


def _page(
    request: HttpRequest, asked: Stretch, run: Run, count: int, results: list[Any]
) -> dict[str, Any]:
    pinned = {"run": run.pk} if isinstance(asked, OfRun) else {}

    def link(to: Stretch | None) -> str | None:
        return None if to is None else _question(request, to)

    return {
        "run": run.pk,
        "count": count,
        "next": link(asked.at(asked.next_offset(count), **pinned)),
        "previous": link(asked.at(asked.previous_offset(count), **pinned)),
        "results": results,
    }


def _run_id(run: Run) -> dict[str, Any]:
    return {"id": run.pk, "finished_at": run.finished_at, "synthetic": run.synthetic}


def _warnings(current: Edition, age_seconds: int) -> list[dict[str, str]]:
    run, hours = current.run, settings.RUN_MAX_AGE_HOURS
    warnings = {}
    if hours and age_seconds > hours * 3600:
        warnings["run_is_old"] = (
            f"Run {run.pk} is {age_seconds // 3600} hours old; RUN_MAX_AGE_HOURS is {hours}."
        )
    ranked = _ranked_rows(current)
    if ranked != run.movies_ranked:
        warnings["run_differs_from_its_counts"] = (
            f"Run {run.pk} counts {run.movies_ranked:,} ranked movies; {ranked:,} have rows."
        )
    return [{"reason": reason, "detail": detail} for reason, detail in warnings.items()]


def _ranked_rows(current: Edition) -> int:
    try:
        return queries.ranked_rows(current)
    except DATABASE_ERRORS as error:
        edition.watch.suspect()
        raise database_problem(error) from error


def _by_stars(counts: list[int]) -> dict[str, int]:
    return {str(k / 2): count for k, count in zip(HALF_STARS, counts, strict=True)}


def _run_item(run: Run) -> dict[str, Any]:
    return {
        "id": run.pk,
        "status": run.status,
        "kept": run.purged_at is None,
        "synthetic": run.synthetic,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "movies": run.movies_accepted,
        "movies_ranked": run.movies_ranked,
        "ratings": run.ratings_accepted,
        "ratings_rejected": run.ratings_rejected,
        "prior_mean": run.prior_mean,
        "prior_weight": run.prior_weight,
        "min_ratings": run.min_ratings,
    }


def _run_detail(run: Run) -> dict[str, Any]:
    return {
        **_run_item(run),
        "notice": run.notice,
        "movies_read": run.movies_read,
        "movies_rated": run.movies_rated,
        "ratings_read": run.ratings_read,
        "ratings_superseded": run.ratings_superseded,
        "rejected_by_reason": run.rejected_by_reason,
        "half_star_counts": _by_stars(run.half_star_counts),
        "overruled_gates": run.overruled_gates,
        "versions": run.versions,
        "encrypted": run.encrypted,
        "input_fingerprint": run.input_fingerprint,
    }


def _compare(before: int, after: int) -> runs.Difference:
    try:
        return runs.compare(before, after)
    except runs.RunError as error:
        raise missing(str(error)) from error


def _kinds(moves: list[runs.Move]) -> dict[str, int]:
    entered = sum(move.before is None for move in moves)
    left = sum(move.after is None for move in moves)
    return {"entered": entered, "left": left, "moved": len(moves) - entered - left}


def _move(move: runs.Move, movie: Movie) -> dict[str, Any]:
    both = move.before is not None and move.after is not None
    return {
        "movie_id": movie.movie_id,
        "title": movie.title,
        "year": movie.year,
        "before": move.before,
        "after": move.after,
        "change": (move.before or 0) - (move.after or 0) if both else None,
    }
