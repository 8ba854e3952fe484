"""What is recommended to one person, from a run's rows, and what a reader must know of it."""

from app.catalogue.errors import UnknownMovies
from app.catalogue.lists.ranking import MovieList
from app.catalogue.loader import load_user_list
from app.catalogue.orders import LATER, Order
from app.catalogue.recommendations.for_you import for_user, for_visitor
from app.catalogue.recommendations.similar import SimilarMovie
from app.catalogue.runs import RunFigures
from app.serving.version import CatalogueVersion
from app.serving.views import Query
from app.web.field_errors import field_error
from app.web.parameters import RecommendationBody, RecommendationParams
from app.web.problems import bad_parameters, missing

NO_MODELS = "Run {run.id} has no models (--no-models, or a job of another version)"
NOTHING_FOLLOWS = "Nothing follows from these movies in run {run.id}, so this is the ranking."
SEEN = (
    "After the list of user {user} the ranking follows. It may hold movies that (s)he has rated: "
    "a run keeps lists, not the ratings of users."
)


def visitor_list(
    version: CatalogueVersion, params: RecommendationParams | RecommendationBody
) -> MovieList:
    """Raises Problem (400) for movies that there are not."""
    try:
        return for_visitor(
            version.curated,
            params.picks,
            params.filter,
            novelty=params.novelty,
            limit=params.limit,
            offset=params.offset,
        )
    except UnknownMovies as error:
        name, ids = "like" if params.like else "rated", ",".join(map(str, error.movie_ids))
        detail = f"must name movies of the catalogue; it has none of {ids}"
        raise bad_parameters(field_error(name, ids, detail, "no_movie")) from None


def user_list(query: Query[RecommendationParams], user: int) -> MovieList:
    """Raises Problem (404) for a user without a list, or what the database raises."""
    if query.check.error:  # it is away: do not have a thread wait to learn that again
        raise query.check.error.with_traceback(None)
    params, run = query.params, query.version.run
    packed = load_user_list(run.id, user) if run.has_models else None
    if packed is None:
        wrong = field_error("user", user, "must have a list in the run", "no_list")
        raise missing(no_list(run, user), wrong)
    return for_user(
        query.version.curated,
        packed,
        params.filter,
        novelty=params.novelty,
        limit=params.limit,
        offset=params.offset,
    )


def no_list(run: RunFigures, user: int) -> str:
    """Why there is none: whether the run has lists at all."""
    if not run.has_models:
        return f"{NO_MODELS.format(run=run)}, so it has no lists of users."
    lists = (run.fitted_models or {}).get("users") or 0
    if not lists:
        return f"Run {run.id} has no lists of users (--users none)."
    return f"Run {run.id} has lists of {lists:,} users, but none of user {user}."


def visitor_notice(run: RunFigures, found: MovieList) -> str | None:
    """What is missing from the list."""
    if not run.has_models:
        return f"{NO_MODELS.format(run=run)}, so this is the ranking."
    return None if found.can_recommend else NOTHING_FOLLOWS.format(run=run)


def user_notice(user: int, found: MovieList) -> str | None:
    """What is uncertain of the page."""
    follows = any(movie.source == "ranking" for movie in found.movies)
    return SEEN.format(user=user) if follows else None


def similar_notice(run: RunFigures, movie_id: int, found: list[SimilarMovie]) -> str | None:
    """Why there is none."""
    if not run.has_models:
        return f"{NO_MODELS.format(run=run)}, so it knows no similar movies."
    return None if found else f"Run {run.id} has too few ratings of movie {movie_id} to tell."


def order_notice(version: CatalogueVersion, order: Order) -> str | None:
    """That the list is in another order than was asked for."""
    if version.catalogue.order(order) == order:
        return None
    return f"Run {version.run.id} has no {LATER[order]}, so this is the ranking."
