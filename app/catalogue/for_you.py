"""What one person should see: a visitor who names movies, or a user whom the data knows.

    score_j = f_j (sum_i x_i W_ij),  f_j = ((d_j + 5) / 50)^-t

i are the movies that the visitor named, W_ij the run's weights, d_j the likes of movie j. A movie
that is liked has x = 1. Of one that is rated with r stars x = max(r - (L - 2), 0) / 2, L the stars
from which the run calls a rating a like: 4 stars weigh 1, 5 stars 1.5, 3 stars 0.5, 2 and less
nothing. (Measured on visitors of ML-100K: negative weights for low ratings lose, as people rate
what is near to what they like; docs/performance.md.)

t = clip(0.2 log2(p / 5), -0.4, 0.3) for p likes: with few of them popular movies count more, with
many less. `novelty` from 0 to 1 adds 0.8 (novelty - 0.5).

Each summand f_j x_i W_ij is the exact contribution of one movie. What scores above 0 is listed,
then the list goes on with the ranking. Scores of known users, with their strongest contributions,
come ready from the run; novelty multiplies these by ((d_j + 5) / 50)^-(0.8 (novelty - 0.5)), d_j
the movie's ratings.
"""

import math
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.catalogue.bitsets import containment
from app.catalogue.catalogue import Catalogue, CuratedCatalogue
from app.catalogue.columns import HALF_STARS, NONE
from app.catalogue.errors import UnknownMovies
from app.catalogue.orders import RANKING
from app.catalogue.packing import USER_RECOMMENDATIONS, unpack
from app.catalogue.ranking import (
    ListedMovie,
    MovieFilter,
    MovieList,
    Reason,
    listed_movie,
    passing_movies,
    top_movies,
)

NOVELTY = 0.5
"""The rule as it was measured."""
LIKED_FROM = 4.0
MOST_REASONS = 10

Contributions = list[tuple[int, float]]
"""(movie id, what it adds to a score)."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A movie that a visitor named, and what follows from it, by ascending movie ids."""

    movie_id: int
    scale: float
    """x times that of the weights."""
    targets: "array[int]"
    steps: "array[int]"

    def add_to(self, scores: dict[int, float]) -> None:
        for movie_id, step in zip(self.targets, self.steps, strict=True):
            scores[movie_id] = scores.get(movie_id, 0.0) + self.scale * step

    def part_of(self, movie_id: int) -> float:
        """What it added to the score of a movie."""
        at = bisect_left(self.targets, movie_id)
        found = at < len(self.targets) and self.targets[at] == movie_id
        return self.scale * self.steps[at] if found else 0.0


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A movie that follows from others."""

    row: int
    score: float
    factor: float
    """f_j."""
    entry: int = 0
    """Its number in the list of a known user."""


Explain = Callable[[Recommendation], tuple[Contributions, float]]
"""The contributions to a score, and what is in it beside them."""


@dataclass(frozen=True, slots=True)
class RecommendedList(MovieList):
    """A list that begins with what is recommended to one person."""

    personal: int
    """So many movies of it; the ranking follows."""
    can_recommend: bool
    """Whether anything is recommended personally, if only it passed the filter."""


def for_visitor(
    curated: CuratedCatalogue,
    picks: Mapping[int, float | None],
    wanted: MovieFilter | None = None,
    *,
    novelty: float = NOVELTY,
    limit: int = 20,
    offset: int = 0,
) -> RecommendedList:
    """From movie ids with their stars, None where somebody only says that (s)he likes it.

    Raises UnknownMovies, for hidden ones, too, and UnknownGenre.
    """
    named = _rows_of(curated, picks)
    used = _used(curated.catalogue, picks)
    found = _scored(curated.catalogue, used, picks, novelty)

    def explain(one: Recommendation) -> tuple[Contributions, float]:
        movie_id = curated.catalogue.columns.movie_ids[one.row]
        parts = ((pick.movie_id, one.factor * pick.part_of(movie_id)) for pick in used)
        return [part for part in parts if part[1]], 0.0

    page = slice(offset, offset + limit)
    return _list(curated, found, explain, wanted or MovieFilter(), page, without=named)


def for_user(
    curated: CuratedCatalogue,
    packed: bytes,
    wanted: MovieFilter | None = None,
    *,
    novelty: float = NOVELTY,
    limit: int = 20,
    offset: int = 0,
) -> RecommendedList:
    """From the row of a known user. Raises UnknownGenre.

    The run keeps lists, not ratings: of the movies that the user has seen only those that are
    reasons are known here, and left out of the ranking that follows.
    """
    listed = UserList.of(packed)
    found = listed.recommendations(curated.catalogue, novelty)
    page = slice(offset, offset + limit)
    rows = map(curated.catalogue.columns.row_of, set(listed.reasons))
    seen = [row for row in rows if row is not None]
    return _list(curated, found, listed.explain, wanted or MovieFilter(), page, without=seen)


def popularity_exponent(picks: int) -> float:
    """t: below 0 popular movies are recommended more, above it less."""
    return min(max(0.2 * math.log2(max(picks, 1) / 5), -0.4), 0.3)


def input_of(stars: float | None, liked_from: float) -> float:
    """x: what a visitor's movie counts for."""
    return 1.0 if stars is None else max(stars - liked_from + 2, 0.0) / 2


def _rows_of(curated: CuratedCatalogue, movie_ids: Iterable[int]) -> list[int]:
    rows = {id_: curated.catalogue.columns.row_of(id_) for id_ in movie_ids}
    hidden = curated.decisions.hidden
    unknown = [id_ for id_, row in rows.items() if row is None or id_ in hidden]
    if unknown:
        raise UnknownMovies(tuple(unknown))
    return [row for row in rows.values() if row is not None]


def _used(catalogue: Catalogue, picks: Mapping[int, float | None]) -> list[Pick]:
    """Those that anything follows from, by ascending ids: sums are always the same."""
    liked_from, found = _liked_from(catalogue), []
    for movie_id, stars in sorted(picks.items()):
        x, row = input_of(stars, liked_from), catalogue.columns.row_of(movie_id)
        weights = catalogue.models.weights_from(row) if x and row is not None else None
        if weights:
            found.append(Pick(movie_id, x * weights.scale, weights.targets, weights.steps))
    return found


def _scored(
    catalogue: Catalogue, used: list[Pick], picks: Mapping[int, float | None], novelty: float
) -> list[Recommendation]:
    """All movies with a score above 0, the best first; what ties goes by likes, then by id."""
    liked_from = _liked_from(catalogue)
    likes = sum(stars is None or stars >= liked_from for stars in picks.values())
    exponent = popularity_exponent(likes) + _shift(novelty)
    scores: dict[int, float] = {}
    for pick in used:
        pick.add_to(scores)
    found = []
    for movie_id, score in scores.items():
        row = catalogue.columns.row_of(movie_id) if score > 0 and movie_id not in picks else None
        if row is not None:
            count = _likes(catalogue, row, liked_from)
            factor = _factor(count, exponent)
            found.append((-factor * score, -count, row, factor))
    found.sort()
    return [Recommendation(row, -less, factor) for less, _, row, factor in found]


@dataclass(frozen=True, slots=True)
class UserList:
    """The row of a known user, unpacked: several reasons and contributions an entry."""

    movie_ids: "array[int]"
    scores: "array[float]"
    reasons: "array[int]"
    """0 where an entry has fewer."""
    contributions: "array[float]"

    @classmethod
    def of(cls, packed: bytes) -> "UserList":
        return cls(*unpack(packed, USER_RECOMMENDATIONS))

    def recommendations(self, catalogue: Catalogue, novelty: float) -> list[Recommendation]:
        """In the order of the list, unless `novelty` changes it."""
        exponent, found = _shift(novelty), []
        for entry, (movie_id, score) in enumerate(zip(self.movie_ids, self.scores, strict=True)):
            row = catalogue.columns.row_of(movie_id)
            if row is not None and catalogue.columns.is_rated(row):
                factor = _factor(catalogue.columns.rating_count[row], exponent)
                found.append(Recommendation(row, factor * score, factor, entry))
        return sorted(found, key=lambda one: -one.score) if exponent else found

    def explain(self, one: Recommendation) -> tuple[Contributions, float]:
        size = len(self.reasons) // len(self.movie_ids)
        entries = range(one.entry * size, (one.entry + 1) * size)
        parts = [(self.reasons[at], one.factor * self.contributions[at]) for at in entries]
        rest = math.fsum([one.score, *(-contribution for _, contribution in parts)])
        return [part for part in parts if part[0]], rest


def _shift(novelty: float) -> float:
    return 0.8 * (novelty - NOVELTY)


def _factor(count: int, exponent: float) -> float:
    return math.pow((count + 5) / 50, -exponent)


def _liked_from(catalogue: Catalogue) -> float:
    visitors = (catalogue.run.fitted_models or {}).get("visitors") or {}
    return float(visitors.get("liked_from", LIKED_FROM))


def _likes(catalogue: Catalogue, row: int, liked_from: float) -> int:
    """Ratings of so many stars and more."""
    first, end = row * HALF_STARS + math.ceil(2 * liked_from) - 1, (row + 1) * HALF_STARS
    return sum(catalogue.columns.half_stars[first:end])


def _list(
    curated: CuratedCatalogue,
    found: list[Recommendation],
    explain: Explain,
    wanted: MovieFilter,
    page: slice,
    *,
    without: Iterable[int],
) -> RecommendedList:
    """What passes the filter, then the ranking without it and without some further rows."""
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
    return RecommendedList(count, all_movies, len(passing), bool(found))


def _passing(
    curated: CuratedCatalogue, found: list[Recommendation], wanted: MovieFilter
) -> list[Recommendation]:
    """The run's floor does not hold here, only one that was asked for."""
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
    """The strongest, and the other contributions; hidden movies are no reasons that are shown."""
    reasons: list[Reason] = []
    others: list[float] = []
    for movie_id, contribution in sorted(contributions, key=lambda one: (-abs(one[1]), one[0])):
        text = None if movie_id in curated.decisions.hidden else curated.title_of(movie_id)
        if text and len(reasons) < MOST_REASONS:
            reasons.append(Reason(movie_id, text[0], contribution))
        else:
            others.append(contribution)
    return reasons, others
