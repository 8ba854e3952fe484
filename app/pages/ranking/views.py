"""/movies/: the ranking, with paging, filters and search."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from app.catalogue.lists.ranking import ListedMovie, top_movies
from app.catalogue.orders import RANKING
from app.pages.page import Page, PageView, about, page
from app.pages.ranking.filters import active_filters, decades, with_changes, without_filters
from app.pages.ranking.form import ORDERS, RankingForm, ranking_form
from app.pages.ranking.rows import ranking_table
from app.serving import watcher as watching
from app.serving.catalogue_view import Query
from app.serving.version import CatalogueVersion
from app.web.parameters import RankingPageParams
from app.web.problems import Problem, unknown_genre


class RankingView(PageView[RankingPageParams]):
    """Errors are shown beside the form, with its values as they were typed."""

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


@page(RankingPageParams, RankingView)
def movies(query: Query[RankingPageParams]) -> Page:
    """The page of a list."""
    version, params = query.version, query.params
    found = top_movies(
        version.curated,
        params.filter,
        order=params.order,
        limit=params.limit,
        offset=params.offset,
    )
    context = {
        "params": params,
        "order": version.catalogue.order(params.order),
        "curation": version.state.decisions.counts,
        "has_changed": query.notice is not None,
        "lacks_order": params.order not in version.catalogue.orderings,
        "count": found.count,
        "first": params.offset + 1,
        "last": params.offset + len(found.movies),
        "is_past_end": 0 < found.count <= params.offset,
        **_table(version, params, found.movies),
        **_pages(query.pinned, found.count),
        **_other_lists(version, params),
        **_form(version, ranking_form(query.typed, [])),
    }
    return Page("app/movies.html", about(version.run) | context)


def _table(
    version: CatalogueVersion, params: RankingPageParams, movies: list[ListedMovie]
) -> dict[str, object]:
    wanted = params.filter.genres
    genre = wanted[0] if len(wanted) == 1 else None
    return {"table": ranking_table(version.catalogue, movies, genre), "genre": genre}


def _pages(pinned: RankingPageParams, count: int) -> dict[str, object]:
    """The pages of this list, which keep to its version."""
    return {
        "next": pinned.next(count),
        "previous": pinned.previous(count),
        "start": pinned.at(0),
    }


def _other_lists(version: CatalogueVersion, params: RankingPageParams) -> dict[str, object]:
    """Lists with other filters; they are of the current run if this one is."""
    run = None if version.run.status == "current" else version.run.id
    params = params.model_copy(update={"run": run})
    filters = active_filters(params)
    return {
        "filters": filters,
        "is_whole": not filters and params.order == RANKING,
        "decades": decades(version.catalogue, params),
        "wider": with_changes(params, min_ratings=0),
        "unfiltered": without_filters(params),
    }


def _form(version: CatalogueVersion, form: RankingForm) -> dict[str, object]:
    there = version.catalogue.orderings
    return {
        "form": form,
        "wanted": form.wanted(version.genres),
        "unwanted": form.unwanted(version.genres),
        "orders": [(value, label) for value, label in ORDERS.items() if value in there],
    }
