"""Figures of all movies of a run together: ratings by year, the genres, means against counts.

Hidden movies count, too: these are figures of the data, not a list.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from app.catalogue.columns import NONE, Columns
from app.catalogue.packing import MONTHS, unpack

COUNT_BORDERS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000)
"""The minimum numbers of ratings of the groups that movies are counted in."""


@dataclass(frozen=True, slots=True)
class GenreFigures:
    """A genre; a movie of several genres counts in each."""

    genre: str
    movies: int
    """With ratings."""
    ratings: int
    mean_rating: float


@dataclass(frozen=True, slots=True)
class CountGroup:
    """The movies with `least` to `most` ratings, and the spread of their means."""

    least: int
    most: int | None
    movies: int
    lowest: float
    median: float
    highest: float


def ratings_by_year(columns: Columns) -> dict[str, int]:
    """Year -> ratings in it, of all movies; empty if ratings came without times."""
    # A million additions with 62,000 movies: a Counter takes ten times as long.
    of_month = defaultdict[int, int](int)
    for entry in range(len(columns.months)):
        months, ratings = unpack(columns.months[entry], MONTHS)
        for month, count in zip(months, ratings, strict=True):
            of_month[month] += count
    years = Counter[str]()
    for month in sorted(of_month):
        years[str(1970 + month // 12)] += of_month[month]
    return dict(years)


def genre_figures(columns: Columns) -> list[GenreFigures]:
    """The genres with ratings, the most rated first."""
    movies, ratings, half_stars = Counter[str](), Counter[str](), Counter[str]()
    for number, (count, rated, sum_of) in _by_genre_set(columns).items():
        for name in columns.genre_sets[number]:
            movies[name] += count
            ratings[name] += rated
            half_stars[name] += sum_of
    return [
        GenreFigures(name, movies[name], n, half_stars[name] / (2 * n))
        for name, n in sorted(ratings.items(), key=lambda item: (-item[1], item[0]))
    ]


def _by_genre_set(columns: Columns) -> dict[int, tuple[int, int, int]]:
    """Number of a set of genres -> movies, ratings, and the sum of the ratings in half-stars."""
    movies, ratings, half_stars = Counter[int](), Counter[int](), Counter[int]()
    for number, n, mean in zip(
        columns.genres, columns.rating_count, columns.avg_rating, strict=True
    ):
        if n != NONE:
            movies[number] += 1
            ratings[number] += n
            half_stars[number] += round(2 * n * mean)
    return {number: (movies[number], ratings[number], half_stars[number]) for number in movies}


def count_groups(columns: Columns) -> list[CountGroup]:
    """The rated movies by number of ratings; groups without movies are left out."""
    means: list[list[float]] = [[] for _ in COUNT_BORDERS]
    for n, mean in _rated(columns):
        means[bisect_right(COUNT_BORDERS, n) - 1].append(mean)
    uppers: Sequence[int | None] = [*(border - 1 for border in COUNT_BORDERS[1:]), None]
    return [
        CountGroup(least, most, len(of_group), min(of_group), median(of_group), max(of_group))
        for least, most, of_group in zip(COUNT_BORDERS, uppers, means, strict=True)
        if of_group
    ]


def sample_means(columns: Columns, rows: Iterable[int], size: int) -> list[tuple[int, float]]:
    """(ratings, mean) of at most `size` of these rows, the same ones each time.

    Every n-th of those whose counts have the same number of binary digits, so that the few movies
    with many ratings are not lost among the many with few.
    """
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(columns.rating_count[row].bit_length(), []).append(row)
    share = size // max(len(groups), 1)
    chosen = [row for of_group in groups.values() for row in _every_nth(of_group, share)]
    return [(columns.rating_count[row], columns.avg_rating[row]) for row in chosen]


def _every_nth(rows: list[int], most: int) -> list[int]:
    step = -(-len(rows) // max(most, 1))
    return rows[::step]


def _rated(columns: Columns) -> Iterable[tuple[int, float]]:
    pairs = zip(columns.rating_count, columns.avg_rating, strict=True)
    return ((n, mean) for n, mean in pairs if n != NONE)
