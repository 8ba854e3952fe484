"""The rows of a ranking's page: what the list says about each movie, and its other standings."""

from dataclasses import dataclass

from app.catalogue.catalogue import Catalogue
from app.catalogue.lists.ranking import ListedMovie
from app.catalogue.movies.explanation import explain
from app.pages.charts.score_bars import ScoreBar, ScoreRange, score_bar, score_range


@dataclass(frozen=True, slots=True)
class RankingRow:
    """A movie in the list."""

    movie: ListedMovie
    bar: ScoreBar
    change: int
    """Places gained since the run before, negative if lost; 0 also if that is not known."""
    is_new: bool
    """Whether the run before did not rank it."""
    genre_rank: int | None
    percentile: int | None
    """The percentage of ranked movies that it is better than."""

    @property
    def places(self) -> int:
        """Places gained or lost."""
        return abs(self.change)


@dataclass(frozen=True, slots=True)
class RankingTable:
    """A page of the list."""

    range: ScoreRange
    rows: list[RankingRow]
    has_unranked: bool


def ranking_table(
    catalogue: Catalogue, movies: list[ListedMovie], genre: str | None = None
) -> RankingTable:
    """The rows of these movies, with their ranks in `genre`."""
    scores = [
        one
        for movie in movies
        for one in (movie.weighted_rating, movie.lower_bound, movie.upper_bound)
    ]
    within = score_range(scores)
    rows = [_row(catalogue, within, movie, genre) for movie in movies]
    return RankingTable(within, rows, any(movie.rank is None for movie in movies))


def _row(
    catalogue: Catalogue, within: ScoreRange, movie: ListedMovie, genre: str | None
) -> RankingRow:
    row = catalogue.columns.row_of(movie.movie_id)
    explained = None if row is None else explain(catalogue, row)
    bar = score_bar(within, movie.weighted_rating, movie.lower_bound, movie.upper_bound)
    if explained is None or movie.rank is None:
        return RankingRow(movie, bar, 0, False, None, None)
    return RankingRow(
        movie,
        bar,
        change=explained.rank_change or 0,
        is_new=explained.previous_run is not None and explained.previous_rank is None,
        genre_rank=explained.genre_ranks.get(genre) if genre else None,
        percentile=percentile(movie.rank, catalogue.ranked),
    )


def percentile(rank: int, ranked: int) -> int:
    """The percentage of ranked movies below a rank, rounded down."""
    return 100 * (ranked - rank) // ranked
