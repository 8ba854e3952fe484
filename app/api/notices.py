"""What the reader of an answer must know about it: the `notice` of a list, in English."""

from app.catalogue.lists.ranking import MovieList
from app.catalogue.orders import LATER, Order
from app.catalogue.recommendations.similar import SimilarMovie
from app.catalogue.runs import RunFigures
from app.serving.version import CatalogueVersion

NO_MODELS = "Run {run.id} has no models (--no-models, or a job of another version)"
NOTHING_FOLLOWS = "Nothing follows from these movies in run {run.id}, so this is the ranking."
SEEN = (
    "The ranking follows the list for user {user}. It may contain movies that they have rated: "
    "a run keeps lists, not the ratings of users."
)


def no_list(run: RunFigures, user: int) -> str:
    """Why there is no list: whether the run has lists at all."""
    if not run.has_models:
        return f"{NO_MODELS.format(run=run)}, so it has no lists for users."
    lists = (run.fitted_models or {}).get("users") or 0
    if not lists:
        return f"Run {run.id} has no lists for users (--users none)."
    return f"Run {run.id} has lists for {lists:,} users, but none for user {user}."


def visitor_notice(run: RunFigures, found: MovieList) -> str | None:
    """What is missing from the list."""
    if not run.has_models:
        return f"{NO_MODELS.format(run=run)}, so this is the ranking."
    return None if found.can_recommend else NOTHING_FOLLOWS.format(run=run)


def user_notice(user: int, found: MovieList) -> str | None:
    """What is uncertain about the page."""
    follows = any(movie.source == "ranking" for movie in found.movies)
    return SEEN.format(user=user) if follows else None


def similar_notice(run: RunFigures, movie_id: int, found: list[SimilarMovie]) -> str | None:
    """Why there are no similar movies."""
    if not run.has_models:
        return f"{NO_MODELS.format(run=run)}, so it has no similar movies."
    return None if found else f"Run {run.id} has too few ratings of movie {movie_id} to tell."


def order_notice(version: CatalogueVersion, order: Order) -> str | None:
    """Why the list is not in the requested order."""
    if version.catalogue.order(order) == order:
        return None
    return f"Run {version.run.id} has no {LATER[order]}, so this is the ranking."
