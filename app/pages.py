"""The pages for people: what the JSON says, laid out to be read."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from app import queries
from app.models import HALF_STARS, Run
from app.parameters import read_list_parameters, read_no_parameters
from app.problems import Problem, answers_page, by_accept_header

TOP = 10
PAGE_ROWS = 50
CHART_HEIGHT = 120
BAR_WIDTH = 28


@answers_page
def home(request: HttpRequest) -> HttpResponse:
    """The first page: what this is, the figures of the run, the head of the list."""
    read_no_parameters(request.GET)
    run = queries.current_run()
    context: dict[str, Any] = {"run": run}
    if run:
        top = queries.top_movies(run, limit=TOP).entries
        context |= {"entries": top, "bars": histogram(run.half_star_counts)}
    return render(request, "app/home.html", context)


@answers_page
def movies(request: HttpRequest) -> HttpResponse:
    """The ranking, to be leafed through and filtered."""
    asked = read_list_parameters(request.GET, limit=PAGE_ROWS)
    page = queries.top_movies(
        asked.run, filters=asked.filters, limit=asked.limit, offset=asked.offset
    )
    context = {
        "run": asked.run,
        "filters": asked.filters,
        "genres": queries.genres(),
        "page": page,
        "first": asked.offset + 1,
        "last": asked.offset + len(page.entries),
        "next": asked.link(request, asked.next_offset(page.count)),
        "previous": asked.link(request, asked.previous_offset()),
        "is_current": asked.run.status == Run.Status.CURRENT,
    }
    return render(request, "app/movies.html", context)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    problem = Problem(HTTPStatus.NOT_FOUND, f"There is nothing at {request.path}.")
    return by_accept_header(request, problem)


def server_error(request: HttpRequest) -> HttpResponse:
    problem = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on the server.")
    return by_accept_header(request, problem)


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
    tallest = max(half_star_counts)
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
