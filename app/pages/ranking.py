"""/movies/: the ranking, to be paged through, filtered and searched."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from app.catalogue.ranking import ListedMovie, top_movies
from app.pages.page import Page, PageMedium, about, page
from app.pages.ranking_form import ORDERS, RankingForm, ranking_form
from app.serving import watcher as watching
from app.serving.responses import Query
from app.serving.version import CatalogueVersion
from app.web.parameters import PageRankingParams
from app.web.problems import Problem, unknown_genre

HEAD = 10


class RankingMedium(PageMedium):
    """What makes no sense is told beside the form, as it was typed."""

    def problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        """The page with its form as it was typed, and no list."""
        version = watching.watcher.last.version
        if version is None or not problem.errors:
            return super().problem(request, problem)
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


@page(PageRankingParams, RankingMedium())
def movies(query: Query[PageRankingParams]) -> Page:
    """The page of a list."""
    version, params = query.version, query.params
    found = top_movies(
        version.curated,
        params.filter,
        order=params.order,
        limit=params.limit,
        offset=params.offset,
    )
    pinned: dict[str, int | str] = {"run": version.run.id, "version": version.token}
    context = {
        "params": params,
        "changed": query.notice,
        **rows(found.movies),
        "count": found.count,
        "first": params.offset + 1,
        "last": params.offset + len(found.movies),
        "is_past_end": 0 < found.count <= params.offset,
        "next": params.at(params.next_offset(found.count), **pinned),
        "previous": params.at(params.previous_offset(found.count), **pinned),
        "start": params.at(0, **pinned),
        "wider": params.model_copy(update={"min_ratings": 0}),
        **_form(version, ranking_form(query.typed, [])),
    }
    return Page("app/movies.html", about(version.run) | context)


def _form(version: CatalogueVersion, form: RankingForm) -> dict[str, object]:
    return {"form": form, "genres": version.genres, "orders": ORDERS.items()}


def head(version: CatalogueVersion) -> dict[str, object]:
    """The first of the ranking, for other pages."""
    return rows(top_movies(version.curated, limit=HEAD).movies)


def rows(entries: list[ListedMovie]) -> dict[str, object]:
    """What the table of a ranking shows."""
    return {"entries": entries, "has_unranked": any(entry.rank is None for entry in entries)}
