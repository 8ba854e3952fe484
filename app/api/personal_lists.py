"""The lists for one person, and the problem if there is none."""

from app.api.notices import no_list
from app.catalogue.errors import UnknownMovies
from app.catalogue.lists.ranking import MovieList
from app.catalogue.loader import load_user_list
from app.catalogue.recommendations.for_you import for_user, for_visitor
from app.serving.catalogue_view import Query
from app.serving.version import CatalogueVersion
from app.web.field_errors import field_error
from app.web.parameters import RecommendationBody, RecommendationParams
from app.web.problems import bad_parameters, missing


def visitor_list(
    version: CatalogueVersion, params: RecommendationParams | RecommendationBody
) -> MovieList:
    """Raises Problem (400) for movies that do not exist."""
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
        detail = f"must name movies in the catalogue; these are not: {ids}"
        raise bad_parameters(field_error(name, ids, detail, "no_movie")) from None


def user_list(query: Query[RecommendationParams], user: int) -> MovieList:
    """Raises Problem (404) for a user without a list, or whatever the database raises."""
    if query.check.error:  # it is away: do not make a thread wait to find out again
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
