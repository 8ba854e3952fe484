"""The JSON addresses, a view each: a question to the catalogue, and its answer in a shape."""

from django.conf import settings
from django.utils import timezone

from app.api import shapes
from app.api.endpoints import endpoint, uncached
from app.catalogue import comparison
from app.catalogue.errors import RunNotKept
from app.catalogue.movies import MovieDetail, genre_sizes, movie_detail
from app.catalogue.ranking import top_movies
from app.serving import watcher as watching
from app.serving.version import CatalogueVersion
from app.serving.views import Query
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


@uncached(tag="health")
def health() -> shapes.Health:
    """200 when the database answers and a run is current, 503 with a reason when not."""
    check = watching.watcher.check(now=True)
    if check.error:
        raise check.error.with_traceback(None)
    version = check.current()
    version.check_rows()
    run = version.run
    age = round((timezone.now() - run.finished_at).total_seconds())
    shown = shapes.shaped(shapes.HealthRun, run, age_seconds=age)
    return shapes.Health(status="ok", database="ok", run=shown, warnings=_warnings(version, age))


@uncached(tag="health")
def live() -> shapes.Life:
    """200 as long as this process answers at all; the database is not asked."""
    return shapes.Life(status="alive")


@endpoint(RunParams, tag="lists")
def stats(query: Query[RunParams]) -> shapes.Stats:
    """The figures of a run and the head of its list."""
    run = query.version.run
    return shapes.shaped(
        shapes.Stats,
        run,
        run=shapes.shaped(shapes.RunId, run),
        notice=shapes.run_notice(run),
        top=top_movies(query.version.curated, limit=TOP).movies,
    )


@endpoint(RankingParams, tag="lists")
def recommendations(query: Query[RankingParams]) -> shapes.Ranking:
    """A page of the ranking. `next` and `previous` stay within the version they came from."""
    return _ranking(query)


@endpoint(SearchParams, tag="lists")
def search(query: Query[SearchParams]) -> shapes.Ranking:
    """Movies by words of their titles, also those below the floor of the ranking."""
    return _ranking(query)


@endpoint(RunParams, tag="movies")
def movie(query: Query[RunParams], *, movie_id: MovieId) -> MovieDetail:
    """A movie, its half-star counts, and how its score came about."""
    return movie_detail(query.version.curated, movie_id)


@endpoint(PageParams, tag="lists")
def genres(query: Query[PageParams]) -> shapes.Genres:
    """The genres of the catalogue and how many movies each has in the run."""
    sizes = genre_sizes(query.version.curated)
    page = _pinned_page(query, len(sizes))
    return shapes.shaped(shapes.Genres, page, results=query.params.page(sizes))


@endpoint(RunHistoryParams, tag="runs")
def runs(query: Query[RunHistoryParams]) -> shapes.Runs:
    """The runs that are or were current, the newest first."""
    version, params = query.version, query.params
    newest = version.published_run(params.run) if params.run else version.runs[0]
    found = [run for run in version.runs if run.id <= newest.id]
    results = [shapes.shaped(shapes.RunItem, run) for run in params.page(found)]
    pinned = params.model_copy(update={"run": newest.id})
    page = _page(query, pinned, len(found), run=newest.id)
    return shapes.shaped(shapes.Runs, page, results=results)


@endpoint(NoParams, tag="runs")
def run(query: Query[NoParams], *, run_id: RunId) -> shapes.RunDetail:
    """All figures of a run, also of one whose rows are gone."""
    found = query.version.published_run(run_id)
    return shapes.shaped(shapes.RunDetail, found, notice=shapes.run_notice(found))


@endpoint(Pagination, tag="runs")
def difference(query: Query[Pagination], *, before: RunId, after: RunId) -> shapes.Difference:
    """What the ranking of one kept run has that another's had not, and the other way round."""
    try:
        old, new = (query.version.of_run(run_id).curated for run_id in (before, after))
    except RunNotKept as error:
        raise missing(str(error)) from None
    found = comparison.compare(old, new)
    return shapes.shaped(
        shapes.Difference,
        _page(query, query.params, len(found.changes), run=after),
        results=comparison.moves(old, new, query.params.page(found.changes)),
        before=before,
        entered=len(found.entered),
        left=len(found.left),
        moved=len(found.moved),
    )


def _ranking(query: Query[RankingParams]) -> shapes.Ranking:
    found = query.params.select(query.version.curated)
    return shapes.shaped(shapes.Ranking, _pinned_page(query, found.count), results=found.movies)


def _pinned_page(query: Query[PageParams], count: int) -> shapes.Page:
    """The page of a list that depends on the version: its links name that."""
    return _page(query, query.pinned, count, run=query.version.run.id)


def _page(query: Query[Pagination], params: Pagination, count: int, *, run: int) -> shapes.Page:
    def link(to: Pagination | None) -> str | None:
        return None if to is None else f"{query.address}?{to.query}".removesuffix("?")

    return shapes.Page(
        run=run,
        count=count,
        next=link(params.next(count)),
        previous=link(params.previous(count)),
        notice=query.notice,
    )


def _warnings(version: CatalogueVersion, age_seconds: int) -> list[shapes.HealthWarning]:
    run, ranked, hours = version.run, version.catalogue.ranked, settings.RUN_MAX_AGE_HOURS
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
