"""Every read of the published data, named by what it answers. Each is of one run.

Views never build filters of their own; the order of a list is fixed here alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from app.models import Curation, MovieGenre, RecommendationData, Run

RANKING = ("-weighted_rating", "-rating_count", "movie_id")
"""The job's own order, so `rank` and the list agree. It is total: no two rows tie."""


@dataclass(frozen=True)
class Filters:
    """What narrows a list. Years are inclusive; None means no bound.

    `min_ratings` None stands for the run's eligibility floor, which pinned movies need
    not reach; a number holds for all of them.
    """

    genre: str | None = None
    year_from: int | None = None
    year_to: int | None = None
    min_ratings: int | None = None


@dataclass(frozen=True)
class Entry:
    """A row of a list: `position` counts from 1, `rank` in `row` is the run's verdict."""

    position: int
    pinned: bool
    row: RecommendationData


@dataclass(frozen=True)
class MoviePage:
    """A stretch of a list that has `count` entries in all."""

    entries: list[Entry]
    count: int


def current_run() -> Run | None:
    """The run that the site serves, if one was ever published."""
    return Run.objects.filter(status=Run.Status.CURRENT).order_by("-id").first()


def kept_run(run_id: int) -> Run | None:
    """A published run whose rows are still there."""
    return Run.objects.kept().filter(id=run_id).first()


def kept_run_ids() -> list[int]:
    """The runs that can be asked for, the newest first."""
    return list(Run.objects.kept().order_by("-id").values_list("id", flat=True))


def genres() -> list[str]:
    """All genres of the catalogue, in alphabetical order."""
    return list(MovieGenre.objects.order_by("genre").values_list("genre", flat=True).distinct())


def top_movies(
    run: Run, *, filters: Filters | None = None, limit: int, offset: int = 0
) -> MoviePage:
    """The curated ranking: hidden movies left out, pinned ones at their positions."""
    filters = filters or Filters()
    matching = _matching(run, filters)
    pins = _pinned(matching)
    ranked = _with_floor(matching, run, filters).exclude(movie_id__in=_curated())
    others = ranked.count()

    places = pin_places([position for position, _ in pins], others)
    pinned = {place: row for place, (_, row) in zip(places, pins, strict=True)}
    wanted = range(offset, min(offset + limit, others + len(pins)))
    before = sum(place < offset for place in places)
    here = sum(place in wanted for place in places)

    rest = iter(ranked.order_by(*RANKING)[offset - before :][: len(wanted) - here])
    # A curator may hide a movie between the count and this read: then the stretch is shorter.
    rows = [(place, pinned.get(place) or next(rest, None)) for place in wanted]
    entries = [Entry(place + 1, place in pinned, row) for place, row in rows if row]
    return MoviePage(entries, others + len(pins))


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


def _matching(run: Run, filters: Filters) -> QuerySet[RecommendationData]:
    rows = RecommendationData.objects.filter(run=run)
    if filters.genre is not None:
        of_genre = MovieGenre.objects.filter(movie_id=OuterRef("movie_id"), genre=filters.genre)
        rows = rows.filter(Exists(of_genre))
    if filters.year_from is not None:
        rows = rows.filter(movie__year__gte=filters.year_from)
    if filters.year_to is not None:
        rows = rows.filter(movie__year__lte=filters.year_to)
    if filters.min_ratings is not None:
        rows = rows.filter(rating_count__gte=filters.min_ratings)
    return rows.select_related("movie").prefetch_related("movie__genres")


def _with_floor(
    rows: QuerySet[RecommendationData], run: Run, filters: Filters
) -> QuerySet[RecommendationData]:
    if filters.min_ratings is not None:
        return rows
    return rows.filter(rating_count__gte=run.min_ratings)


def _pinned(rows: QuerySet[RecommendationData]) -> list[tuple[int, RecommendationData]]:
    pins = Curation.objects.active().filter(hidden=False, pinned_position__isnull=False)
    positions = dict(pins.values_list("movie_id", "pinned_position"))
    found = rows.filter(movie_id__in=positions) if positions else []
    return sorted(
        ((positions[row.movie_id] or 0, row) for row in found),
        key=lambda pin: (pin[0], pin[1].movie_id),
    )


def _curated() -> QuerySet[Curation, int]:
    decided = Curation.objects.active().exclude(hidden=False, pinned_position=None)
    return decided.values_list("movie_id", flat=True)
