"""Every read of the published data, named by what it answers. Each is of one run.

Views never build filters of their own; the order of a list is fixed here alone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from app.edition import Edition
from app.models import HALF_STARS, Movie, MovieGenre, RecommendationData, Run
from app.parameters import Listing
from app.problems import bad_parameter, missing
from app.titles import search_words

ORDERS = {
    "weighted_rating": ("-weighted_rating", "-rating_count", "movie_id"),
    "avg_rating": ("-avg_rating", "-rating_count", "movie_id"),
    "rating_count": ("-rating_count", "-weighted_rating", "movie_id"),
    "year": ("-year", "-weighted_rating", "-rating_count", "movie_id"),
}
"""Each is total, no two rows tie, and has an index. The first is the job's own, of `rank`."""
PINNED_ORDER = "weighted_rating"


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


@dataclass(frozen=True)
class Place:
    """Where a movie stands in a run, and where it stood in the kept run before that."""

    movie: Movie
    row: RecommendationData | None
    former_run: int | None
    former_rank: int | None


def run_of(edition: Edition, run_id: int | None) -> Run:
    """The run that was asked for, by default the current one. Raises Problem (404)."""
    if run_id is None or run_id == edition.run.pk:
        return edition.run
    run = kept_run(run_id)
    if run is None:
        allowed = f"must be a run whose rows are kept: {', '.join(map(str, kept_run_ids()))}"
        error = {"field": "run", "value": str(run_id), "detail": allowed}
        raise missing(f"run: {allowed}", errors=[error])
    return run


def kept_run(run_id: int) -> Run | None:
    """A published run whose rows are still there."""
    return Run.objects.kept().filter(id=run_id).first()


def published_run(run_id: int) -> Run:
    """A run that is or was current. Raises Problem (404)."""
    run = Run.objects.published().filter(id=run_id).first()
    if run is None:
        raise missing(f"There is no published run {run_id}.")
    return run


def published_runs(*, limit: int, offset: int) -> tuple[list[Run], int]:
    """A stretch of the published runs, the newest first, and how many there are."""
    runs = Run.objects.published().order_by("-id")
    return list(runs[offset : offset + limit]), runs.count()


def kept_run_ids() -> list[int]:
    """The runs that can be asked for, the newest first."""
    return list(Run.objects.kept().order_by("-id").values_list("id", flat=True))


def genres() -> list[str]:
    """All genres of the catalogue, in alphabetical order."""
    return list(MovieGenre.objects.order_by("genre").values_list("genre", flat=True).distinct())


def genre_sizes(edition: Edition, run: Run) -> list[dict[str, Any]]:
    """Each genre with its number of movies in the run, and of ranked ones; hidden ones left out."""
    rows = RecommendationData.objects.filter(run=run, movie__genres__genre__isnull=False)
    by_genre = rows.exclude(movie_id__in=edition.hidden).values("movie__genres__genre")
    counted = by_genre.annotate(movies=Count("movie_id"), ranked=Count("rank"))
    columns = ("movie__genres__genre", "movies", "ranked")
    return [
        {"genre": genre, "movies": movies, "movies_ranked": ranked}
        for genre, movies, ranked in counted.order_by("movie__genres__genre").values_list(*columns)
    ]


def top_movies(edition: Edition, run: Run, asked: Listing, *, count: int) -> list[Entry]:
    """A stretch of a list of `count` entries: hidden movies left out, pinned ones at their places.

    In other orders than the ranking's nothing is lifted.
    """
    ranked = _listed(edition, run, asked)
    pins = _pins(edition, run, asked)
    places = pin_places([position for position, _ in pins], count - len(pins))
    pinned = {place: movie_id for place, (_, movie_id) in zip(places, pins, strict=True)}
    wanted = range(asked.offset, min(asked.offset + asked.limit, count))
    before = sum(place < asked.offset for place in places)
    here = sum(place in wanted for place in places)
    first = asked.offset - before
    rest = iter(_ids(ranked.order_by(*ORDERS[asked.order]), first, len(wanted) - here))
    at = {place: pinned.get(place) or next(rest) for place in wanted}
    return _entries(run, at, pinned)


def count_movies(edition: Edition, run: Run, asked: Listing) -> int:
    """How long the whole list is, whatever the stretch."""
    return _listed(edition, run, asked).count() + len(_pins(edition, run, asked))


def check_genres(asked: Listing) -> None:
    """Raises Problem (400) naming a genre that the catalogue does not have."""
    if not asked.genre:
        return
    known = genres()
    for genre in asked.genre:
        if genre.removeprefix("-") not in known:
            raise bad_parameter("genre", genre, f"must be one of {', '.join(known)}")


def pin_places(positions: Iterable[int], others: int) -> list[int]:
    """Indices (from 0) of pinned movies in a list with `others` further ones.

    `positions` count from 1, in ascending order. A position that is taken goes to the next
    free one; one past the end goes to the end.
    """
    places: list[int] = []
    for position in positions:
        next_free = places[-1] + 1 if places else 0
        last = others + len(places)
        places.append(min(max(position - 1, next_free), last))
    return places


def place_of(edition: Edition, run: Run, movie_id: int) -> Place:
    """A movie of the catalogue in a run. Raises Problem (404), for a hidden one, too."""
    movie = Movie.objects.prefetch_related("genres").filter(movie_id=movie_id).first()
    if movie is None or movie_id in edition.hidden:
        raise missing(f"There is no movie {movie_id}.")
    row = RecommendationData.objects.filter(run=run, movie_id=movie_id).first()
    former = Run.objects.kept().filter(id__lt=run.pk).order_by("-id").first()
    ranks = RecommendationData.objects.filter(run=former, movie_id=movie_id)
    rank = ranks.values_list("rank", flat=True).first() if former else None
    return Place(movie, row, former.pk if former else None, rank)


def half_star_counts(row: RecommendationData | None) -> list[int]:
    """Ten counts, from half a star to five stars."""
    return [getattr(row, f"half_stars_{k}", 0) for k in HALF_STARS]


def _listed(edition: Edition, run: Run, asked: Listing) -> QuerySet[RecommendationData]:
    """The rows of a list, but for pinned ones where those stand apart."""
    apart = edition.curated if asked.order == PINNED_ORDER else sorted(edition.hidden)
    rows = _matching(run, asked)
    if asked.min_ratings is None:
        rows = rows.filter(rating_count__gte=run.min_ratings)
    return rows.exclude(movie_id__in=apart) if apart else rows


def _pins(edition: Edition, run: Run, asked: Listing) -> list[tuple[int, int]]:
    """(position, movie id) of the pinned movies that belong to the list."""
    if asked.order != PINNED_ORDER or not edition.pins:
        return []
    movie_ids = [movie_id for _, movie_id in edition.pins]
    belonging = set(
        _matching(run, asked).filter(movie_id__in=movie_ids).values_list("movie_id", flat=True)
    )
    return [pin for pin in edition.pins if pin[1] in belonging]


def _matching(run: Run, asked: Listing) -> QuerySet[RecommendationData]:
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
    if asked.min_ratings is not None:
        rows = rows.filter(rating_count__gte=asked.min_ratings)
    return rows.filter(_titled(asked.q)) if asked.q is not None else rows


def _has_genre(names: list[str]) -> Exists:
    return Exists(MovieGenre.objects.filter(movie_id=OuterRef("movie_id"), genre__in=names))


def _titled(text: str) -> Q:
    """Every word begins a word of the title. A catalogue's titles are looked through once."""
    words = search_words(text)
    if not words:
        return Q(pk__in=[])
    titled = Movie.objects.all()
    for word in words:
        titled = titled.filter(search_title__contains=f" {word}")
    return Q(movie_id__in=titled.values("movie_id"))


def _ids(rows: QuerySet[RecommendationData], first: int, number: int) -> list[int]:
    """Movie ids alone: an index has them, so rows that are passed over are never read."""
    if number <= 0:
        return []
    return list(rows.values_list("movie_id", flat=True)[first : first + number])


def _entries(run: Run, at: dict[int, int], pinned: dict[int, int]) -> list[Entry]:
    """The rows of the movies `at` (place -> movie id)."""
    rows = RecommendationData.objects.filter(run=run, movie_id__in=list(at.values()))
    columns = ("movie_id", "rank", "movie__title", "year")
    figures = ("rating_count", "avg_rating", "weighted_rating")
    found = {movie_id: row for movie_id, *row in rows.values_list(*columns, *figures)}
    named = genres_of(at.values())
    entries = []
    for place, id_ in at.items():
        rank, title, year, *scores = found[id_]
        entries.append(
            Entry(place + 1, place in pinned, rank, id_, title, year, named[id_], *scores)
        )
    return entries


def genres_of(movie_ids: Iterable[int]) -> dict[int, list[str]]:
    """Movie id -> its genres in alphabetical order."""
    rows = MovieGenre.objects.filter(movie_id__in=list(movie_ids))
    found = defaultdict[int, list[str]](list)
    for movie_id, genre in sorted(rows.values_list("movie_id", "genre")):
        found[movie_id].append(genre)
    return found
