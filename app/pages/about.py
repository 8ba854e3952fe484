"""/about/: how the ranking and the recommendations are made, for everybody."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.lists.ranking import top_movies
from app.catalogue.movies.explanation import explain
from app.pages.page import Page, PageView, about, page
from app.serving.catalogue_view import Query
from app.web.parameters import NoParams
from app.web.problems import NO_RUN, Problem


class AboutView(PageView[NoParams]):
    """The page can be shown before anything is published, except for the example."""

    def write_problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        """The page without an example, if there is no run yet."""
        if problem.reason != NO_RUN:
            return super().write_problem(request, problem)
        response = render(request, "app/about.html", _posters())
        response["Cache-Control"] = "no-store"
        return response


@page(NoParams, AboutView)
def about_page(query: Query[NoParams]) -> Page:
    """The page, with a movie of the current run as its example."""
    context = _example(query.version.curated) | _posters()
    return Page("app/about.html", about(query.version.run) | context)


def _posters() -> dict[str, object]:
    return {"has_posters": bool(settings.TMDB_API_KEY)}


def _example(curated: CuratedCatalogue) -> dict[str, object]:
    """The first movie of the ranking, and the terms of its score."""
    first = top_movies(curated, limit=1).movies
    if not first:
        return {}
    explained = explain(curated.catalogue, curated.row_of(first[0].movie_id))
    return {"example": first[0], "explained": explained}
