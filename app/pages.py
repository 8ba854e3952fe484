"""The pages for people: what the JSON says, laid out to be read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.vary import vary_on_headers

from app import edition, lists, queries
from app.addresses import redirect_to_canonical
from app.api import explain
from app.edition import Edition
from app.models import HALF_STARS, Run
from app.parameters import Listing, Nothing, OfRun, PageListing, Parameters, query_of, read
from app.problems import (
    DATABASE_ERRORS,
    Problem,
    as_page,
    check_method,
    database_problem,
    nothing_published,
)
from app.ranking_form import ORDERS, RankingForm, ranking_form
from app.snapshot import one_moment

TOP = 10
CHART_HEIGHT = 120
BAR_WIDTH = 28
SCALE_START, SCALE_WIDTH = 10, 280
View = Callable[..., HttpResponse]


def answers_page(parameters: type[Parameters]) -> Callable[[View], View]:
    """Read-only address that is a page to everybody, errors included, and has one address.

    The view gets the edition that is out, or None before the first publish.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            try:
                check_method(request)
                if elsewhere := redirect_to_canonical(request, parameters.model_fields):
                    return elsewhere
                edition.watch.look().refuse_in_trouble()
                with one_moment():
                    return view(request, edition.read_edition(), **kwargs)
            except Problem as problem:
                return as_page(request, problem)
            except DATABASE_ERRORS as error:
                edition.watch.suspect()
                return as_page(request, database_problem(error))

        return guarded

    return decorate


@vary_on_headers("Accept")
@answers_page(Nothing)
def home(request: HttpRequest, current: Edition | None) -> HttpResponse:
    """The first page: what this is, the figures of the run, the head of the list."""
    read(Nothing, query_of(request))
    if current is None:
        return render(request, "app/home.html", {"run": None})
    run = queries.run_of(current, None)
    context = _head(current, run) | {"bars": histogram(run.half_star_counts)}
    return render(request, "app/home.html", _of(run) | context)


@answers_page(PageListing)
def movies(request: HttpRequest, current: Edition | None) -> HttpResponse:
    """The ranking, to be leafed through, filtered and searched."""
    if current is None:
        raise nothing_published()
    try:
        given = query_of(request)
        asked = read(PageListing, given)
        run = queries.run_of(current, asked.run)
        queries.check_genres(current, asked)
    except Problem as problem:
        if not problem.errors:
            raise
        return _form_again(request, current, problem)
    extent, entries = lists.stretch(current, run, asked)
    context = {
        "asked": asked,
        **_rows(entries),
        "count": extent.count,
        "first": asked.offset + 1,
        "last": asked.offset + len(entries),
        "is_past_end": 0 < extent.count <= asked.offset,
        "next": asked.at(asked.next_offset(extent.count), run=run.pk),
        "previous": asked.at(asked.previous_offset(extent.count), run=run.pk),
        "start": asked.at(0, run=run.pk),
        "wider": asked.model_copy(update={"min_ratings": 0}),
        **_form(current, ranking_form(given, [])),
    }
    return render(request, "app/movies.html", _of(run) | context)


def _form_again(request: HttpRequest, current: Edition, problem: Problem) -> HttpResponse:
    """The form as it was typed, beside what is wrong with it."""
    is_readable = all(one.code != "too_many_parameters" for one in problem.errors)
    typed = request.GET if is_readable else QueryDict()
    errors = problem.errors
    if not any(one.field == "genre" for one in errors):
        errors += queries.unknown_genres(current, typed.getlist("genre"))
    form = ranking_form(typed, errors)
    context = _of(current.run) | _form(current, form)
    return render(request, "app/movies.html", context, status=problem.status)


def _form(current: Edition, form: RankingForm) -> dict[str, Any]:
    return {"form": form, "genres": queries.genres(current), "orders": ORDERS.items()}


@answers_page(OfRun)
def movie(request: HttpRequest, current: Edition | None, movie_id: int) -> HttpResponse:
    """One movie: how it was rated, and how its score came about."""
    asked = read(OfRun, query_of(request))
    current, run = _published(current, asked)
    place = queries.place_of(current, run, movie_id)
    context: dict[str, Any] = {"movie": place.movie, "pinned": movie_id in current.pinned}
    if explained := explain(run, place):
        context |= {
            "bars": histogram(queries.half_star_counts(place.row)),
            "explained": explained,
            "change": abs(explained["rank_change"] or 0),
            "percent": round(100 * explained["weight"]),
            "scale": {name: mark(explained[name]) for name in ("C", "R", "weighted_rating")},
            "ticks": [mark(stars) for stars in range(1, 6)],
        }
    return render(request, "app/movie.html", _of(run) | context)


@answers_page(OfRun)
def dashboard(request: HttpRequest, current: Edition | None) -> HttpResponse:
    """What `/stats/` says, to be looked at: the run, its input, its ranking."""
    asked = read(OfRun, query_of(request))
    current, run = _published(current, asked)
    context = {
        **_head(current, run),
        "bars": histogram(run.half_star_counts),
        "rejected": _rejected(run),
        "history": queries.published_runs(up_to=queries.newest_run(), limit=TOP)[0],
    }
    return render(request, "app/dashboard.html", _of(run) | context)


def api_docs(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document as a page to try it out on; needs nothing from elsewhere."""
    try:
        check_method(request)
        if elsewhere := redirect_to_canonical(request, ()):
            return elsewhere
        read(Nothing, query_of(request))
    except Problem as problem:
        return as_page(request, problem)
    return render(request, "app/api_docs.html")


def _published(current: Edition | None, asked: OfRun) -> tuple[Edition, Run]:
    """The edition and the run that was asked for. Raises Problem where there is none."""
    if current is None:
        raise nothing_published()
    return current, queries.run_of(current, asked.run)


def _of(run: Run) -> dict[str, Any]:
    """What every page says of its run."""
    return {"run": run, "is_current": run.status == Run.Status.CURRENT}


def _head(current: Edition, run: Run) -> dict[str, Any]:
    return _rows(lists.stretch(current, run, Listing(run=run.pk, limit=TOP))[1])


def _rows(entries: list[lists.Entry]) -> dict[str, Any]:
    """What the table of a ranking shows."""
    return {"entries": entries, "has_unranked": any(entry.rank is None for entry in entries)}


def _rejected(run: Run) -> list[tuple[str, str, int]]:
    """(movies or ratings, reason, rows), the most first."""
    rows = [
        (kind, reason, count)
        for kind, reasons in run.rejected_by_reason.items()
        for reason, count in reasons.items()
    ]
    return sorted(rows, key=lambda row: -row[2])


@dataclass(frozen=True)
class Mark:
    """A value on the scale from half a star to five; `x` is in SVG units."""

    stars: float
    x: float


def mark(stars: float) -> Mark:
    return Mark(stars, round(SCALE_START + (stars - 0.5) / 4.5 * SCALE_WIDTH, 1))


@dataclass(frozen=True)
class Bar:
    """One column of the rating histogram; x, y, width and height are in SVG units."""

    stars: float
    count: int
    x: int
    y: float
    width: int
    height: float


def histogram(half_star_counts: list[int]) -> list[Bar]:
    """Ten bars, the tallest as high as the chart."""
    tallest = max(half_star_counts) or 1
    bars = []
    for place, (k, count) in enumerate(zip(HALF_STARS, half_star_counts, strict=True)):
        height = round(CHART_HEIGHT * count / tallest, 1)
        bars.append(
            Bar(
                stars=k / 2,
                count=count,
                x=place * (BAR_WIDTH + 4),
                y=CHART_HEIGHT - height,
                width=BAR_WIDTH,
                height=height,
            )
        )
    return bars
