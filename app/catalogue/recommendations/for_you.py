"""Lists for one person: a visitor who names movies, or a user in the data.

Personal recommendations come first, each score with the movies that it follows from. The ranking
follows, without movies already listed, named, or known to be seen.
"""

import math
from collections.abc import Iterable

from app.catalogue.bitsets import containment
from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.columns import NONE
from app.catalogue.errors import UnknownMovies
from app.catalogue.lists.ranking import (
    ListedMovie,
    MovieFilter,
    MovieList,
    Reason,
    listed_movie,
    passing_movies,
    top_movies,
)
from app.catalogue.orders import RANKING
from app.catalogue.recommendations.recommendation import (
    Contributions,
    Explain,
    Recommendation,
)
from app.catalogue.recommendations.user_list import UserList
from app.catalogue.recommendations.visitors import Stars, Visitor

MOST_REASONS = 10


def for_visitor(
    curated: CuratedCatalogue,
    picks: Stars,
    wanted: MovieFilter | None = None,
    *,
    novelty: float | None = None,
    seen: Iterable[int] = (),
    limit: int = 20,
    offset: int = 0,
) -> MovieList:
    """The list without the movies in `seen`, from which nothing follows.

    Raises UnknownMovies, also for hidden ones, and UnknownGenre.
    """
    without = set(_rows_of(curated, [*picks, *seen]))
    visitor = Visitor(curated.catalogue, picks)
    found = [one for one in visitor.recommendations(novelty) if one.row not in without]
    page = slice(offset, offset + limit)
    return _list(curated, found, visitor.explain, wanted or MovieFilter(), page, without=without)


def for_user(
    curated: CuratedCatalogue,
    packed: bytes,
    wanted: MovieFilter | None = None,
    *,
    novelty: float | None = None,
    limit: int = 20,
    offset: int = 0,
) -> MovieList:
    """The list from the row of a known user. Raises UnknownGenre.

    The run keeps lists, not ratings: of the movies that the user has seen, only those that are
    reasons are known here and left out of the ranking that follows.
    """
    listed = UserList.of(packed)
    found = listed.recommendations(curated.catalogue, novelty)
    page = slice(offset, offset + limit)
    rows = map(curated.catalogue.columns.row_of, set(listed.reasons))
    seen = [row for row in rows if row is not None]
    return _list(curated, found, listed.explain, wanted or MovieFilter(), page, without=seen)


def _rows_of(curated: CuratedCatalogue, movie_ids: Iterable[int]) -> list[int]:
    rows = {id_: curated.catalogue.columns.row_of(id_) for id_ in movie_ids}
    hidden = curated.decisions.hidden
    unknown = [id_ for id_, row in rows.items() if row is None or id_ in hidden]
    if unknown:
        raise UnknownMovies(tuple(unknown))
    return [row for row in rows.values() if row is not None]


def _list(
    curated: CuratedCatalogue,
    found: list[Recommendation],
    explain: Explain,
    wanted: MovieFilter,
    page: slice,
    *,
    without: Iterable[int],
) -> MovieList:
    """What passes the filter, then the ranking without it and without some more rows."""
    passing = _passing(curated, found, wanted)
    shown = passing[page]
    movies = [
        _listed(curated, one, position, *explain(one))
        for position, one in enumerate(shown, start=page.start + 1)
    ]
    rest = top_movies(
        curated,
        wanted,
        limit=page.stop - page.start - len(movies),
        offset=max(page.start - len(passing), 0),
        without={*without, *(one.row for one in passing)},
        position=len(passing) + 1,
    )
    count, all_movies = len(passing) + rest.count, movies + rest.movies
    return MovieList(count, all_movies, len(passing), bool(found))


def _passing(
    curated: CuratedCatalogue, found: list[Recommendation], wanted: MovieFilter
) -> list[Recommendation]:
    """The run's floor does not apply here, only a requested one."""
    passes = containment(passing_movies(curated, wanted, RANKING))
    places = curated.catalogue.orderings[RANKING].places
    counts, least = curated.catalogue.columns.rating_count, wanted.min_ratings or 0
    rated = [one for one in found if places[one.row] != NONE]
    return [one for one in rated if counts[one.row] >= least and passes(places[one.row])]


def _listed(
    curated: CuratedCatalogue,
    one: Recommendation,
    position: int,
    contributions: Contributions,
    rest: float,
) -> ListedMovie:
    reasons, others = _reasons(curated, contributions)
    return listed_movie(
        curated.catalogue,
        one.row,
        position,
        source="personal",
        score=one.score,
        reasons=reasons,
        rest=math.fsum([rest, *others]),
    )


def _reasons(
    curated: CuratedCatalogue, contributions: Contributions
) -> tuple[list[Reason], list[float]]:
    """The strongest, and the other contributions; hidden movies are not shown as reasons."""
    reasons: list[Reason] = []
    others: list[float] = []
    for movie_id, contribution in sorted(contributions, key=lambda one: (-abs(one[1]), one[0])):
        text = None if movie_id in curated.decisions.hidden else curated.title_of(movie_id)
        if text and len(reasons) < MOST_REASONS:
            reasons.append(Reason(movie_id, text[0], contribution))
        else:
            others.append(contribution)
    return reasons, others
