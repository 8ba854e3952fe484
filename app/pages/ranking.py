"""/movies/: the ranking, to be paged through, filtered and searched."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from app.catalogue.ranking import ListedMovie, top_movies
from app.pages.page import Page, PageView, about, page
from app.pages.ranking_form import ORDERS, RankingForm, ranking_form
from app.serving import watcher as watching
from app.serving.version import CatalogueVersion
from app.serving.views import Query
from app.web.parameters import PageRankingParams
from app.web.problems import Problem, unknown_genre

HEAD = 10


class RankingView(PageView[PageRankingParams]):
    """What makes no sense is told beside the form, as it was typed."""

    def write_problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        """The page with its form as it was typed, and no list."""
        version = watching.watcher.last.version
        if version is None or not problem.errors:
            return super().write_problem(request, problem)
        is_readable = all(one.code != "too_many_parameters" for one in problem.errors)
        typed = request.GET if is_readable else QueryDict()
        errors = list(problem.errors)
        if not any(one.field == "genre" for one in errors):
            errors += [
                unknown_genre(name, version.genres)
                for name in typed.getlist("genre")
                if name.removeprefix("-") not in version.genres
            ]
        context = about(version.run) | _form(version, ranking_form(typed, errors))
        response = render(request, "app/movies.html", context, status=problem.status)
        response["Cache-Control"] = "no-store"
        return response


@page(PageRankingParams, RankingView)
def movies(query: Query[PageRankingParams]) -> Page:
    """The page of a list."""
    version, params = query.version, query.params
    found, pinned = params.select(version.curated), query.pinned
    context = {
        "params": params,
        "changed": query.notice,
        "lacks_order": params.order not in version.catalogue.orderings,
        **rows(found.movies),
        "count": found.count,
        "first": params.offset + 1,
        "last": params.offset + len(found.movies),
        "is_past_end": 0 < found.count <= params.offset,
        "next": pinned.next(found.count),
        "previous": pinned.previous(found.count),
        "start": pinned.at(0),
        "wider": params.model_copy(update={"min_ratings": 0}),
        **_form(version, ranking_form(query.typed, [])),
    }
    return Page("app/movies.html", about(version.run) | context)


def _form(version: CatalogueVersion, form: RankingForm) -> dict[str, object]:
    there = version.catalogue.orderings
    orders = [(value, label) for value, label in ORDERS.items() if value in there]
    return {"form": form, "genres": version.genres, "orders": orders}


def head(version: CatalogueVersion) -> dict[str, object]:
    """The first of the ranking, for other pages."""
    return rows(top_movies(version.curated, limit=HEAD).movies)


def rows(entries: list[ListedMovie]) -> dict[str, object]:
    """What the table of a ranking shows."""
    return {"entries": entries, "has_unranked": any(entry.rank is None for entry in entries)}
