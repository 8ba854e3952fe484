"""The lists of movies: a run's ranking as curators want it, narrowed, ordered and in stretches.

A list has an extent, which its stretches share, and entries. The order of a list is fixed here
alone, and an index serves each.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from sys import getsizeof
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from app.answers import remember
from app.edition import Edition
from app.models import Movie, MovieGenre, RecommendationData, Run
from app.parameters import Listing
from app.titles import search_words

ORDERS = {
    "weighted_rating": ("-weighted_rating", "-rating_count", "movie_id"),
    "avg_rating": ("-avg_rating", "-rating_count", "movie_id"),
    "rating_count": ("-rating_count", "-weighted_rating", "movie_id"),
    "year": ("-year", "-weighted_rating", "-rating_count", "movie_id"),
}
"""Each is total, no two rows tie, and has an index. The first is the job's own, of `rank`."""
PINNED_ORDER = "weighted_rating"
INDEXES = {
    "weighted_rating": "recommendation_by_score",
    "avg_rating": "recommendation_by_average",
    "rating_count": "recommendation_by_count",
    "year": "recommendation_by_year",
}
HINT = {"mysql": "FORCE INDEX ({})", "sqlite": "INDEXED BY {}"}
FEW_TITLES = 500
"""So many movies are named one by one in a statement, rather than found by their titles anew."""
ALONG_INDEX = """
SELECT movie_id FROM app_recommendationdata {hint}
WHERE run_id = %s AND {bounds} AND movie_id NOT IN ({apart})
ORDER BY {order} LIMIT %s OFFSET %s"""
ENTRIES = """
SELECT r.movie_id, r.rank, m.title, r.year, r.rating_count, r.avg_rating, r.weighted_rating, g.genre
FROM app_recommendationdata r
JOIN app_movie m ON m.movie_id = r.movie_id
LEFT JOIN app_moviegenre g ON g.movie_id = r.movie_id
WHERE r.run_id = %s AND r.movie_id IN ({movie_ids})"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list: `position` counts from 1, `rank` is the run's verdict."""

    position: int
    pinned: bool
    rank: int | None
    movie_id: int
    title: str
    year: int | None
    genres: list[str]
    rating_count: int
    avg_rating: float
    weighted_rating: float


@dataclass(frozen=True, slots=True)
class Extent:
    """What all stretches of a list have in common.

    Its length; (index from 0, movie id) of the movies that stand where they are pinned; and,
    where it is a search that few titles answer, the movies with these titles.
    """

    count: int
    pins: tuple[tuple[int, int], ...]
    titled: "array[int] | None"

    @property
    def others(self) -> int:
        return self.count - len(self.pins)

    def __sizeof__(self) -> int:
        return 100 * (len(self.pins) + 1) + getsizeof(self.titled)


def extent(edition: Edition, run: Run, asked: Listing) -> Extent:
    """What all stretches of a list have in common, looked for once in an edition."""
    key = f"extent {run.pk} {asked.order == PINNED_ORDER} {asked.selection}"
    return remember(key, edition, lambda: _extent(edition, run, asked))


def _extent(edition: Edition, run: Run, asked: Listing, *, trusting_the_run: bool = True) -> Extent:
    titled = None if asked.q is None else _few_titled(asked.q)
    pins = _pins(edition, run, asked, titled)
    apart = _apart(edition, asked)
    if asked.is_narrowed or not trusting_the_run:
        others = _others(run, asked, titled, apart).count()
    else:
        others = _count_ranked(run, apart)
    places = pin_places([(pin.position, pin.is_eligible) for pin in pins], others)
    placed = [(place, pin) for place, pin in zip(places, pins, strict=True) if place is not None]
    # A movie whose pin cannot be honoured stands where it ranks, if it has a rank to stand at.
    ranking = sum(pin.is_eligible for pin in pins) - sum(pin.is_eligible for _, pin in placed)
    standing = tuple((place, pin.movie_id) for place, pin in placed)
    return Extent(others + ranking + len(placed), standing, titled)


def top_movies(edition: Edition, run: Run, asked: Listing, of: Extent) -> list[Entry]:
    """A stretch of a list: hidden movies left out, pinned ones at their places.

    In other orders than the ranking's nothing is lifted. A run whose rows are fewer than it says
    gives a shorter stretch.
    """
    pinned = dict(of.pins)
    wanted = range(asked.offset, min(asked.offset + asked.limit, of.count))
    before = sum(place < asked.offset for place in pinned)
    here = sum(place in wanted for place in pinned)
    first = asked.offset - before
    rest = iter(_ids(edition, run, asked, of, first, first + len(wanted) - here))
    found = ((place, pinned.get(place) or next(rest, None)) for place in wanted)
    return _entries(run, {place: id_ for place, id_ in found if id_ is not None}, pinned)


def stretch(edition: Edition, run: Run, asked: Listing) -> tuple[Extent, list[Entry]]:
    """A list's extent and a stretch of it, also where the run's own count is not to be trusted."""
    of = extent(edition, run, asked)
    entries = top_movies(edition, run, asked, of)
    if len(entries) == max(0, min(asked.limit, of.count - asked.offset)):
        return of, entries
    counted = _extent(edition, run, asked, trusting_the_run=False)
    return counted, top_movies(edition, run, asked, counted)


def pin_places(pins: Iterable[tuple[int, bool]], others: int) -> list[int | None]:
    """Indices (from 0) of pinned movies in a list with `others` further ones.

    Pins are (position from 1, whether the movie would be in the list without it), in ascending
    order. A position that is taken goes to the next free one. One past the end of the list
    cannot be honoured: None.
    """
    pins = list(pins)
    length = others + sum(is_eligible for _, is_eligible in pins)
    places: list[int | None] = []
    next_free = 0
    for position, is_eligible in pins:
        place = max(position - 1, next_free)
        longer = length if is_eligible else length + 1
        if place >= longer:
            places.append(None)
            continue
        places.append(place)
        next_free, length = place + 1, longer
    return places


def _count_ranked(run: Run, apart: list[int]) -> int:
    """The job has counted them; only those that stand apart have to be looked for."""
    if not apart:
        return run.movies_ranked
    rows = RecommendationData.objects.filter(run=run, rating_count__gte=run.min_ratings)
    return max(0, run.movies_ranked - rows.filter(movie_id__in=apart).count())


def _ids(edition: Edition, run: Run, asked: Listing, of: Extent, first: int, end: int) -> list[int]:
    """The ids from `first` to `end` of the movies that a list has beside its pinned ones.

    There are two ways to them: along the index of the order, passing over what does not belong,
    or to find all that belong and to sort them. Databases guess how many those are, and often
    wrongly; here it is known.
    """
    if first >= end:
        return []
    apart = _apart(edition, asked, of)
    # Fewer belong than would be passed on the way to the last one, were they spread evenly.
    few = of.others < end * run.movies_rated / of.others
    if not (asked.genre or asked.q) and not (few and asked.is_narrowed):
        return _along_index(run, asked, apart, first, end)
    order: list[Any] = list(ORDERS[asked.order])
    if few and (asked.q is None or of.titled is not None):
        # The same order, but no index has it: to sort is all that is left.
        order[0] = (F(order[0].removeprefix("-")) + 0).desc()
    rows = _others(run, asked, of.titled, apart).order_by(*order)
    return list(rows.values_list("movie_id", flat=True)[first:end])


def _along_index(run: Run, asked: Listing, apart: list[int], first: int, end: int) -> list[int]:
    """Plain SQL, as the ORM knows no hints.

    The index has all columns, but for the year in most: without bounds to it no row is read.
    With them MySQL, left alone, goes along the index through the rows of all former runs.
    """
    apart, bounds = apart or [0], _bounds(run, asked)
    query = ALONG_INDEX.format(
        hint=HINT[connection.vendor].format(INDEXES[asked.order]),
        bounds=" AND ".join(bounds),
        apart=", ".join(["%s"] * len(apart)),
        order=", ".join(
            f"{name[1:]} DESC" if name.startswith("-") else name for name in ORDERS[asked.order]
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [run.pk, *bounds.values(), *apart, end - first, first])
        return [movie_id for (movie_id,) in cursor.fetchall()]


def _others(
    run: Run, asked: Listing, titled: "array[int] | None", apart: list[int]
) -> QuerySet[RecommendationData]:
    """The rows of a list, but for the movies that stand apart."""
    rows = _matching(run, asked, titled).filter(rating_count__gte=_floor(run, asked))
    return rows.exclude(movie_id__in=apart) if apart else rows


def _apart(edition: Edition, asked: Listing, of: Extent | None = None) -> list[int]:
    """Movies that do not stand where they rank: hidden ones and, in the ranking, pinned ones.

    Before the extent is known that is all pinned ones, then those whose pins are honoured.
    """
    if asked.order != PINNED_ORDER:
        return sorted(edition.hidden)
    if of is None:
        return edition.curated
    return sorted(edition.hidden.union(movie_id for _, movie_id in of.pins))


def _bounds(run: Run, asked: Listing) -> dict[str, int]:
    """Conditions in SQL, and their values."""
    bounds = {
        "rating_count >= %s": _floor(run, asked),
        "year >= %s": asked.year_from,
        "year <= %s": asked.year_to,
    }
    return {condition: value for condition, value in bounds.items() if value is not None}


def _floor(run: Run, asked: Listing) -> int:
    return run.min_ratings if asked.min_ratings is None else asked.min_ratings


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned movie that belongs to a list; an eligible one would be there without its pin."""

    position: int
    movie_id: int
    is_eligible: bool


def _pins(edition: Edition, run: Run, asked: Listing, titled: "array[int] | None") -> list[Pin]:
    if asked.order != PINNED_ORDER or not edition.pins:
        return []
    # The floor of the run is not theirs, only one that was asked for.
    rows = _matching(run, asked, titled).filter(rating_count__gte=asked.min_ratings or 0)
    rows = rows.filter(movie_id__in=[movie_id for _, movie_id in edition.pins])
    counts = dict(rows.values_list("movie_id", "rating_count"))
    floor = _floor(run, asked)
    return [
        Pin(position, movie_id, counts[movie_id] >= floor)
        for position, movie_id in edition.pins
        if movie_id in counts
    ]


def _matching(
    run: Run, asked: Listing, titled: "array[int] | None"
) -> QuerySet[RecommendationData]:
    rows = RecommendationData.objects.filter(run=run)
    wanted = [genre for genre in asked.genre if not genre.startswith("-")]
    unwanted = [genre[1:] for genre in asked.genre if genre.startswith("-")]
    if wanted:
        rows = rows.filter(_has_genre(wanted))
    if unwanted:
        rows = rows.exclude(_has_genre(unwanted))
    if asked.year_from is not None:
        rows = rows.filter(year__gte=asked.year_from)
    if asked.year_to is not None:
        rows = rows.filter(year__lte=asked.year_to)
    if titled is not None:
        return rows.filter(movie_id__in=titled.tolist())
    return rows if asked.q is None else rows.filter(*_has_words(asked.q, "movie__search_title"))


def _has_genre(names: list[str]) -> Exists:
    return Exists(MovieGenre.objects.filter(movie_id=OuterRef("movie_id"), genre__in=names))


def _few_titled(text: str) -> "array[int] | None":
    """The movies whose titles have these words, or None where they are more than a few.

    The titles are looked through once, for what few have; what many have is soon met.
    """
    if not search_words(text):
        return array("i")
    titled = Movie.objects.filter(*_has_words(text, "search_title"))
    found = titled.values_list("movie_id", flat=True)[: FEW_TITLES + 1]
    return array("i", found) if len(found) <= FEW_TITLES else None


def _has_words(text: str, column: str) -> list[Q]:
    """Every word begins a word of the title."""
    return [Q(**{f"{column}__contains": f" {word}"}) for word in search_words(text)]


def _entries(run: Run, at: dict[int, int], pinned: dict[int, int]) -> list[Entry]:
    """The rows of the movies `at` (place -> movie id)."""
    found = _rows(run, list(at.values()))
    entries = []
    for place, id_ in at.items():
        if id_ not in found:  # no longer in the catalogue
            continue
        genres = sorted(genre for *_, genre in found[id_] if genre)
        _, rank, title, year, *scores, _ = found[id_][0]
        entries.append(Entry(place + 1, place in pinned, rank, id_, title, year, genres, *scores))
    return entries


def _rows(run: Run, movie_ids: list[int]) -> dict[int, list[tuple[Any, ...]]]:
    """Movie id -> a row for each of its genres, or one without.

    Plain SQL: every list needs it, and half of the ORM's time is putting the statement together.
    """
    found = defaultdict[int, list[tuple[Any, ...]]](list)
    if movie_ids:
        query = ENTRIES.format(movie_ids=", ".join(["%s"] * len(movie_ids)))
        with connection.cursor() as cursor:
            cursor.execute(query, [run.pk, *movie_ids])
            for row in cursor.fetchall():
                found[row[0]].append(row)
    return found
