"""One movie of a catalogue, how its score came about, and how many movies each genre has."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.catalogue.catalogue import Catalogue, CuratedCatalogue
from app.catalogue.columns import NONE, value
from app.catalogue.orders import RANKING
from app.catalogue.runs import by_stars


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """weighted_rating = (n R + m C) / (n + m), the posterior mean of a normal-normal model."""

    n: int
    """Ratings of the movie."""
    R: float
    """Mean of those ratings, in stars."""
    C: float
    """Prior mean: the mean of all ratings, in stars."""
    m: float
    """Prior weight, in ratings."""
    weight: float
    """n / (n + m): how far the movie speaks for itself."""
    weighted_rating: float
    rank: int | None
    previous_run: int | None
    """The kept run before this one."""
    previous_rank: int | None
    rank_change: int | None
    """Places won (or lost, below 0) since that run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieDetail:
    """A movie of the catalogue in a run. Without ratings there is nothing to explain."""

    run: int
    movie_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]
    pinned: bool
    half_star_counts: dict[str, int]
    """Stars -> ratings."""
    last_rated_at: datetime | None
    explanation: Explanation | None


@dataclass(frozen=True, slots=True)
class GenreSize:
    """A genre of the catalogue in a run."""

    genre: str
    movies: int
    """Movies of the genre that the run has ratings of."""
    movies_ranked: int


def movie_detail(curated: CuratedCatalogue, movie_id: int) -> MovieDetail:
    """Raises MovieNotFound, for a hidden movie, too."""
    catalogue, columns = curated.catalogue, curated.catalogue.columns
    row = curated.row_of(movie_id)
    seconds = columns.last_rated[row]
    return MovieDetail(
        run=catalogue.run.id,
        movie_id=movie_id,
        title=columns.titles[row],
        year=value(columns.catalogue_years[row]),
        genres=columns.genre_names(row),
        pinned=any(movie_id == pinned for _, pinned in curated.decisions.pins),
        half_star_counts=by_stars(columns.star_counts(row)),
        last_rated_at=None if seconds == NONE else datetime.fromtimestamp(seconds, UTC),
        explanation=_explain(catalogue, row),
    )


def _explain(catalogue: Catalogue, row: int) -> Explanation | None:
    """The terms of the weighted rating and the way of the rank; None without ratings."""
    columns, run = catalogue.columns, catalogue.run
    if not columns.is_rated(row):
        return None
    n, m = columns.rating_count[row], run.prior_weight
    rank, previous_rank = value(columns.rank[row]), value(columns.previous_rank[row])
    known = rank is not None and previous_rank is not None
    return Explanation(
        n=n,
        R=columns.avg_rating[row],
        C=run.prior_mean,
        m=m,
        weight=n / (n + m),
        weighted_rating=columns.weighted_rating[row],
        rank=rank,
        previous_run=catalogue.previous_run,
        previous_rank=previous_rank,
        rank_change=(previous_rank or 0) - (rank or 0) if known else None,
    )


def genre_sizes(curated: CuratedCatalogue) -> list[GenreSize]:
    """Those with rated movies, in alphabetical order; hidden movies do not count."""
    ordering = curated.catalogue.orderings[RANKING]
    found = []
    for name in curated.catalogue.genres:
        shown = ordering.genres[name] & curated.shown[RANKING]
        if shown:
            ranked = (shown & ordering.ranked).bit_count()
            found.append(GenreSize(name, shown.bit_count(), ranked))
    return found
