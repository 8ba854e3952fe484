"""What the reader of an answer must know of it: the `notice` of a list, in English."""

from app.catalogue.lists.ranking import MovieList
from app.catalogue.orders import LATER, Order
from app.catalogue.recommendations.similar import SimilarMovie
from app.catalogue.runs import RunFigures
from app.serving.version import CatalogueVersion

NO_MODELS = "Run {run.id} has no models (--no-models, or a job of another version)"
NOTHING_FOLLOWS = "Nothing follows from these movies in run {run.id}, so this is the ranking."
SEEN = (
    "After the list of user {user} the ranking follows. It may hold movies that (s)he has rated: "
    "a run keeps lists, not the ratings of users."
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
