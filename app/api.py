"""The JSON addresses. Each reads its parameters, asks one query and shapes the answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from app import pages, queries
from app.models import HALF_STARS, Run
from app.parameters import read_list_parameters, read_no_parameters
from app.problems import answers_json, nothing_published, wants_page

TOP = 10


def root(request: HttpRequest) -> HttpResponse:
    """The home page for browsers, health for every other client: the one address of both."""
    response = pages.home(request) if wants_page(request) else health(request)
    patch_vary_headers(response, ["Accept"])
    return response


@answers_json
def health(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and a run is current, 503 with a reason when not."""
    read_no_parameters(request.GET)
    run = _current_run()
    age = (timezone.now() - run.finished_at).total_seconds() if run.finished_at else None
    body = {
        "status": "ok",
        "database": "ok",
        "run": {**_run(run), "age_seconds": None if age is None else round(age)},
    }
    return JsonResponse(body, headers={"Cache-Control": "no-store"})


@answers_json
def stats(request: HttpRequest) -> HttpResponse:
    """The figures of the current run and the head of its list."""
    read_no_parameters(request.GET)
    run = _current_run()
    return JsonResponse(
        {
            "run": _run(run),
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
            "half_star_counts": {
                str(k / 2): count for k, count in zip(HALF_STARS, run.half_star_counts, strict=True)
            },
            "top": [_item(entry) for entry in queries.top_movies(run, limit=TOP).entries],
        }
    )


@answers_json
def recommendations(request: HttpRequest) -> HttpResponse:
    """A stretch of the ranking. `next` and `previous` stay within the run they came from."""
    asked = read_list_parameters(request.GET)
    page = queries.top_movies(
        asked.run, filters=asked.filters, limit=asked.limit, offset=asked.offset
    )
    return JsonResponse(
        {
            "run": asked.run.pk,
            "count": page.count,
            "next": asked.link(request, asked.next_offset(page.count)),
            "previous": asked.link(request, asked.previous_offset()),
            "results": [_item(entry) for entry in page.entries],
        }
    )


def _current_run() -> Run:
    run = queries.current_run()
    if run is None:
        raise nothing_published()
    return run


def _run(run: Run) -> dict[str, Any]:
    return {"id": run.pk, "finished_at": run.finished_at, "synthetic": run.synthetic}


def _item(entry: queries.Entry) -> dict[str, Any]:
    row = entry.row
    return {
        "position": entry.position,
        "pinned": entry.pinned,
        "rank": row.rank,
        "movie_id": row.movie_id,
        "title": row.movie.title,
        "year": row.movie.year,
        "genres": row.movie.genre_names,
        "rating_count": row.rating_count,
        "avg_rating": row.avg_rating,
        "weighted_rating": row.weighted_rating,
    }
