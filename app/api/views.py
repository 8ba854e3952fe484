"""The views of the JSON addresses: each asks the catalogue, and returns the answer in a shape."""

from dataclasses import replace

from django.conf import settings
from django.utils import timezone

from app.api import notices, shapes
from app.api.endpoints import endpoint, postable, uncached
from app.api.personal_lists import user_list, visitor_list
from app.catalogue.errors import RunNotKept
from app.catalogue.lists import comparison
from app.catalogue.lists.genres import genre_sizes
from app.catalogue.lists.ranking import MovieList, top_movies
from app.catalogue.movies.detail import MovieDetail, movie_detail
from app.catalogue.orders import Order
from app.catalogue.recommendations.similar import similar_movies
from app.serving import watcher as watching
from app.serving.catalogue_view import Query
from app.serving.version import CatalogueVersion
from app.web.parameters import (
    FilterParams,
    ListParams,
    MovieId,
    NoParams,
    Pagination,
    RecommendationBody,
    RecommendationParams,
    RunHistoryParams,
    RunId,
    RunParams,
    SearchParams,
    TrendingParams,
)
from app.web.problems import missing

TOP = 10


@uncached(tag="health")
def health() -> shapes.Health:
    """200 if the database answers and a run is current, otherwise 503 with a reason."""
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
    """The figures of a run and the top of its list."""
    run = query.version.run
    return shapes.shaped(
        shapes.Stats,
        run,
        run=shapes.shaped(shapes.RunId, run),
        notice=shapes.run_notice(run),
        curation=query.version.state.decisions.counts,
        top=top_movies(query.version.curated, limit=TOP).movies,
    )


@postable(RecommendationParams, RecommendationBody, tag="lists")
def recommendations(query: Query[RecommendationParams]) -> shapes.Recommendations:
    """The ranking, for everybody; with `like` or `rated` what follows from these movies; with
    `user` the list of a known user.

    Personal recommendations come first, with their reasons; movies that were named are left out.
    Then the ranking follows, without repeats, so a list is as long as filters allow: `source` says
    where each movie comes from. `like` and `rated` take up to 100 movies in an address and 2,000
    in a JSON body by POST, of which nothing is stored; a posted list has neither `next` nor
    `previous`: post it again with another `offset`, and with the `run` and `version` of the answer.
    Movies that do not exist are a 400 that names them, and a user without a list is a 404.
    """
    params, version = query.params, query.version
    if params.like or params.rated:
        found = visitor_list(version, params)
        return _recommendations(query, found, notices.visitor_notice(version.run, found))
    if params.user is not None:
        found = user_list(query, params.user)
        return _recommendations(query, found, notices.user_notice(params.user, found))
    notice = notices.order_notice(version, params.order)
    return _recommendations(query, _ranked(query, params.order), notice)


@endpoint(SearchParams, tag="lists")
def search(query: Query[SearchParams]) -> shapes.Ranking:
    """Movies by words in their titles, including those below the floor of the ranking."""
    version, params = query.version, query.params
    found = _ranked(query, params.order)
    page = _page(query, found.count, notices.order_notice(version, params.order))
    return shapes.shaped(shapes.Ranking, page, results=found.movies)


@endpoint(RunParams, tag="movies")
def movie(query: Query[RunParams], *, movie_id: MovieId) -> MovieDetail:
    """A movie, how it was rated and when, and how its score came about."""
    return movie_detail(query.version.curated, movie_id)


@endpoint(ListParams, tag="movies")
def similar(query: Query[ListParams], *, movie_id: MovieId) -> shapes.SimilarMovies:
    """The movies that the same users rate more often than by chance, at most 24."""
    version = query.version
    found = similar_movies(version.curated, movie_id)
    facts = (version.run.fitted_models or {}).get("similar") or {}
    return shapes.shaped(
        shapes.SimilarMovies,
        _page(query, len(found), notices.similar_notice(version.run, movie_id, found)),
        results=query.params.page(found),
        movie_id=movie_id,
        rating_count=version.curated.rating_count(movie_id),
        N=facts.get("users"),
        shrinkage=facts.get("shrinkage"),
    )


@endpoint(TrendingParams, tag="lists")
def trending(query: Query[TrendingParams]) -> shapes.Trending:
    """Movies rated often of late, including those below the floor of the ranking."""
    version, facts = query.version, query.version.run.trending or {}
    found = _ranked(query, "trending")
    return shapes.shaped(
        shapes.Trending,
        _page(query, found.count, notices.order_notice(version, "trending")),
        results=found.movies,
        half_life_months=facts.get("half_life_months"),
        newest_month=facts.get("newest_month"),
    )


@endpoint(ListParams, tag="lists")
def genres(query: Query[ListParams]) -> shapes.Genres:
    """The genres of the catalogue and how many movies each has in the run."""
    sizes = genre_sizes(query.version.curated)
    page = _page(query, len(sizes))
    return shapes.shaped(shapes.Genres, page, results=query.params.page(sizes))


@endpoint(RunHistoryParams, tag="runs")
def runs(query: Query[RunHistoryParams]) -> shapes.Runs:
    """The runs that are or were current, the newest first."""
    version, params = query.version, query.params
    found = version.runs_up_to(params.run)
    results = [shapes.shaped(shapes.RunItem, run) for run in params.page(found)]
    pinned = replace(query, params=params.model_copy(update={"run": found[0].id}))
    page = _page(pinned, len(found), run=found[0].id)
    return shapes.shaped(shapes.Runs, page, results=results)


@endpoint(NoParams, tag="runs")
def run(query: Query[NoParams], *, run_id: RunId) -> shapes.RunDetail:
    """All figures of a run, even if its rows are gone."""
    found = query.version.published_run(run_id)
    return shapes.shaped(
        shapes.RunDetail,
        found,
        notice=shapes.run_notice(found),
        curation=query.version.state.decisions.counts,
    )


@endpoint(Pagination, tag="runs")
def difference(query: Query[Pagination], *, before: RunId, after: RunId) -> shapes.Difference:
    """How the rankings of two kept runs differ."""
    try:
        old, new = (query.version.of_run(run_id).curated for run_id in (before, after))
    except RunNotKept as error:
        raise missing(str(error)) from None
    found = comparison.compare(old, new)
    return shapes.shaped(
        shapes.Difference,
        _page(query, len(found.changes), run=after),
        results=comparison.moves(old, new, query.params.page(found.changes)),
        before=before,
        entered=len(found.entered),
        left=len(found.left),
        moved=len(found.moved),
    )


def _ranked(query: Query[FilterParams], order: Order) -> MovieList:
    """The requested page of a ranking. Raises UnknownGenre."""
    params = query.params
    return top_movies(
        query.version.curated,
        params.filter,
        order=order,
        limit=params.limit,
        offset=params.offset,
    )


def _recommendations(
    query: Query[RecommendationParams], found: MovieList, notice: str | None
) -> shapes.Recommendations:
    page = _page(query, found.count, notice)
    if isinstance(query.params, RecommendationBody):
        page = replace(page, next=None, previous=None)  # an address cannot hold what was posted
    return shapes.shaped(
        shapes.Recommendations,
        page,
        results=found.movies,
        version=query.version.token,
        personal=found.personal,
    )


def _page(
    query: Query[Pagination], count: int, notice: str | None = None, *, run: int | None = None
) -> shapes.Page:
    """The page of a list; one that depends on the version has links that name it."""
    params = query.pinned

    def link(to: Pagination | None) -> str | None:
        return None if to is None else f"{query.address}?{to.query}".removesuffix("?")

    return shapes.Page(
        run=run or query.version.run.id,
        count=count,
        next=link(params.next(count)),
        previous=link(params.previous(count)),
        notice=" ".join(filter(None, [query.notice, notice])) or None,
    )


def _warnings(version: CatalogueVersion, age_seconds: int) -> list[shapes.HealthWarning]:
    run, ranked, hours = version.run, version.catalogue.ranked, settings.RUN_MAX_AGE_HOURS
    warnings = []
    if hours and age_seconds > hours * 3600:
        detail = f"Run {run.id} is {age_seconds // 3600} hours old; RUN_MAX_AGE_HOURS is {hours}."
        warnings.append(shapes.HealthWarning(reason="run_is_old", detail=detail))
    if ranked != run.movies_ranked:
        detail = f"Run {run.id} counts {run.movies_ranked:,} ranked movies; {ranked:,} have rows."
        warnings.append(shapes.HealthWarning(reason="run_differs_from_its_counts", detail=detail))
    return warnings
