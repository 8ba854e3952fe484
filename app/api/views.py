"""The JSON addresses, a view each: a question to the catalogue, and its answer in a shape."""

from typing import TypedDict

from django.conf import settings
from django.utils import timezone

from app.api import shapes
from app.api.endpoints import endpoint, uncached
from app.catalogue import comparison
from app.catalogue.errors import RunNotKept
from app.catalogue.movies import MovieDetail, genre_sizes, movie_detail
from app.catalogue.ranking import top_movies
from app.serving import watcher as watching
from app.serving.responses import Query, current_version, refuse_without_rows
from app.serving.version import CatalogueVersion
from app.web.parameters import (
    MovieId,
    NoParams,
    PageParams,
    Pagination,
    RankingParams,
    RunHistoryParams,
    RunId,
    RunParams,
    SearchParams,
)
from app.web.problems import missing

TOP = 10


@uncached("health/", tag="health")
def health() -> shapes.Health:
    """200 when the database answers and a run is current, 503 with a reason when not."""
    check = watching.watcher.check(now=True)
    if check.error:
        raise check.error.with_traceback(None)
    version = current_version(check)
    refuse_without_rows(version)
    run = version.run
    age = round((timezone.now() - run.finished_at).total_seconds())
    shown = shapes.shaped(shapes.HealthRun, run, age_seconds=age)
    return shapes.Health(status="ok", database="ok", run=shown, warnings=_warnings(version, age))


@uncached("health/live/", tag="health")
def live() -> shapes.Life:
    """200 as long as this process answers at all; the database is not asked."""
    return shapes.Life(status="alive")


@endpoint("stats/", RunParams, tag="lists")
def stats(query: Query[RunParams]) -> shapes.Stats:
    """The figures of a run and the head of its list."""
    run = query.version.run
    return shapes.shaped(
        shapes.Stats,
        run,
        run=shapes.shaped(shapes.RunId, run),
        notice=shapes.notice(run),
        top=top_movies(query.version.curated, limit=TOP).movies,
    )


@endpoint("recommendations/", RankingParams, tag="lists")
def recommendations(query: Query[RankingParams]) -> shapes.Ranking:
    """A page of the ranking. `next` and `previous` stay within the version they came from."""
    return _ranking(query)


@endpoint("api/search/", SearchParams, tag="lists")
def search(query: Query[SearchParams]) -> shapes.Ranking:
    """Movies by words of their titles, also those below the floor of the ranking."""
    return _ranking(query)


@endpoint("api/movies/<str:movie_id>/", RunParams, tag="movies")
def movie(query: Query[RunParams], *, movie_id: MovieId) -> MovieDetail:
    """A movie, its half-star counts, and how its score came about."""
    return movie_detail(query.version.curated, movie_id)


@endpoint("api/genres/", PageParams, tag="lists")
def genres(query: Query[PageParams]) -> shapes.Genres:
    """The genres of the catalogue and how many movies each has in the run."""
    sizes, params = genre_sizes(query.version.curated), query.params
    page = sizes[params.offset : params.offset + params.limit]
    return shapes.Genres(results=page, **_page(query, len(sizes)))


@endpoint("api/runs/", RunHistoryParams, tag="runs")
def runs(query: Query[RunHistoryParams]) -> shapes.Runs:
    """The runs that are or were current, the newest first."""
    version, params = query.version, query.params
    newest = version.published_run(params.run) if params.run else version.runs[0]
    found = [run for run in version.runs if run.id <= newest.id]
    page = found[params.offset : params.offset + params.limit]
    shown = [shapes.shaped(shapes.RunItem, run) for run in page]
    return shapes.Runs(results=shown, **_page(query, len(found), run=newest.id))


@endpoint("api/runs/<str:run_id>/", NoParams, tag="runs")
def run(query: Query[NoParams], *, run_id: RunId) -> shapes.RunDetail:
    """All figures of a run, also of one whose rows are gone."""
    found = query.version.published_run(run_id)
    return shapes.shaped(shapes.RunDetail, found, notice=shapes.notice(found))


@endpoint("api/runs/<str:before>/diff/<str:after>/", Pagination, tag="runs")
def difference(query: Query[Pagination], *, before: RunId, after: RunId) -> shapes.Difference:
    """What the ranking of one kept run has that another's had not, and the other way round."""
    params = query.params
    try:
        old, new = (query.version.of_run(run_id).curated for run_id in (before, after))
    except RunNotKept as error:
        raise missing(str(error)) from None
    found = comparison.compare(old, new)
    changes = found.changes
    page = changes[params.offset : params.offset + params.limit]
    return shapes.Difference(
        results=comparison.moves(old, new, page),
        before=before,
        entered=len(found.entered),
        left=len(found.left),
        moved=len(found.moved),
        **_page(query, len(changes), run=after),
    )


class _Page(TypedDict):
    """What all shapes of pages have in common."""

    run: int
    count: int
    next: str | None
    previous: str | None
    notice: str | None


def _ranking(query: Query[RankingParams]) -> shapes.Ranking:
    params = query.params
    found = top_movies(
        query.version.curated,
        params.filter,
        order=params.order,
        limit=params.limit,
        offset=params.offset,
    )
    return shapes.Ranking(results=found.movies, **_page(query, found.count))


def _page(query: Query[Pagination], count: int, *, run: int | None = None) -> _Page:
    """Its links name the run, and for what depends on it the version."""
    params, shown = query.params, query.version.run.id if run is None else run
    pinned: dict[str, int | str] = {}
    if isinstance(params, PageParams):
        pinned = {"run": shown, "version": query.version.token}
    elif isinstance(params, RunHistoryParams):
        pinned = {"run": shown}

    def link(offset: int | None) -> str | None:
        to = params.at(offset, **pinned)
        return None if to is None else f"{query.address}?{to.query}".removesuffix("?")

    return {
        "run": shown,
        "count": count,
        "next": link(params.next_offset(count)),
        "previous": link(params.previous_offset(count)),
        "notice": query.notice,
    }


def _warnings(version: CatalogueVersion, age_seconds: int) -> list[shapes.HealthWarning]:
    run, ranked, hours = version.run, version.curated.catalogue.ranked, settings.RUN_MAX_AGE_HOURS
    warnings = {}
    if hours and age_seconds > hours * 3600:
        warnings["run_is_old"] = (
            f"Run {run.id} is {age_seconds // 3600} hours old; RUN_MAX_AGE_HOURS is {hours}."
        )
    if ranked != run.movies_ranked:
        warnings["run_differs_from_its_counts"] = (
            f"Run {run.id} counts {run.movies_ranked:,} ranked movies; {ranked:,} have rows."
        )
    return [shapes.HealthWarning(reason=r, detail=detail) for r, detail in warnings.items()]
