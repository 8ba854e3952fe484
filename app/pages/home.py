"""/ for browsers: what this is, the figures of the run, the head of its list."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from app.pages.charts import histogram
from app.pages.page import Page, PageView, about, page
from app.pages.ranking import head
from app.serving.views import Query
from app.web.parameters import NoParams
from app.web.problems import NO_RUN, Problem


class HomeView(PageView[NoParams]):
    """A first visit, before anything is published, is no error."""

    def write_problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        """The page without a run, where there is none yet."""
        if problem.reason != NO_RUN:
            return super().write_problem(request, problem)
        response = render(request, "app/home.html")
        response["Cache-Control"] = "no-store"
        return response


@page(NoParams, HomeView)
def home(query: Query[NoParams]) -> Page:
    """The home page of a run."""
    query.version.check_rows()
    run = query.version.run
    bars = histogram(run.half_star_counts)
    return Page("app/home.html", {**about(run), **head(query.version), "bars": bars})
