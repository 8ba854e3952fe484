"""One pass over the ratings. Behind this step nobody sees a rating, only counts.

The ten half-star counts of a movie are its sufficient statistic: number, mean, variance,
interval and histogram follow from them. Every executor counts its splits into one
histogram over (movie, half-stars); only histograms travel, and their size is that of the
catalogue, not of the ratings.

That nobody rated a movie twice is proved on the way: MovieLens files are sorted by (user,
movie), so the keys of each block ascend strictly and no two blocks overlap. Only where the
proof fails do the ratings travel, too: see `latest.py`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pyspark import Broadcast, SparkContext

from spark_jobs.contract import HALF_STARS
from spark_jobs.input.formats.ids import LARGEST_ID
from spark_jobs.input.ratings import Judged, Known, Ratings, judge
from spark_jobs.input.rejection import Rejected, Row
from spark_jobs.input.splits import Split, read_blocks

TASKS_PER_CORE = 2
LARGEST_TASK_BYTES = 512 * 1024**2
NEVER = -1


@dataclass
class Counts:
    """Half-star counts, (movies, 10), and the last time each movie was rated, (movies,).

    Column 0 counts the ratings of half a star. Times are in seconds since 1970, NEVER where
    there is no rating.
    """

    half_stars: NDArray[np.int64]
    last_rated_at: NDArray[np.int64]

    @classmethod
    def zero(cls, movies: int) -> "Counts":
        return cls(np.zeros((movies, len(HALF_STARS)), np.int64), np.full(movies, NEVER))

    def add(self, ratings: Ratings) -> None:
        cells = ratings.movie * len(HALF_STARS) + (ratings.half_stars - 1)
        added = np.bincount(cells, minlength=self.half_stars.size)
        self.half_stars += added.reshape(self.half_stars.shape)
        np.maximum.at(self.last_rated_at, ratings.movie, ratings.rated_at)

    def merged(self, other: "Counts") -> "Counts":
        return Counts(
            self.half_stars + other.half_stars,
            np.maximum(self.last_rated_at, other.last_rated_at),
        )

    @property
    def ratings(self) -> int:
        return int(self.half_stars.sum())


@dataclass
class Tally:
    """What was found in some of the splits.

    `spans` holds the first and the last key of each stretch of blocks that ascends, or None
    where some block does not. `not_rated` counts rows whose rating means that there is none.
    """

    counts: Counts
    rejected: Rejected = field(default_factory=Rejected)
    spans: list[tuple[int, int]] | None = field(default_factory=list)
    not_rated: int = 0

    def add(self, ratings: Ratings) -> None:
        self.counts.add(ratings)
        # The codes of text ids are too long for keys, and in no order: there is no proof.
        has_keys = ratings.user.max(initial=0) <= LARGEST_ID
        self.spans = _extended(self.spans, keys(ratings)) if has_keys else None

    def merged(self, other: "Tally") -> "Tally":
        self.rejected.merge(other.rejected)
        spans = None if self.spans is None or other.spans is None else self.spans + other.spans
        not_rated = self.not_rated + other.not_rated
        return Tally(self.counts.merged(other.counts), self.rejected, spans, not_rated)

    @property
    def is_proved_distinct(self) -> bool:
        """Whether it is certain that no user rated a movie twice."""
        if self.spans is None:
            return False
        borders = [border for span in sorted(self.spans) for border in span]
        firsts, lasts = borders[2::2], borders[1:-1:2]
        return all(last < first for last, first in zip(lasts, firsts, strict=True))


@dataclass(frozen=True)
class Totals:
    """Over all accepted ratings. `by_half_stars[0]` counts those of half a star."""

    by_half_stars: tuple[int, ...]
    rated_movies: int

    @property
    def ratings(self) -> int:
        return sum(self.by_half_stars)

    @property
    def mean(self) -> float:
        """Mean rating in stars, from integer sums; NaN where there is no rating."""
        half_stars = sum(k * n for k, n in zip(HALF_STARS, self.by_half_stars, strict=True))
        return half_stars / (2 * self.ratings) if self.ratings else float("nan")


def tally(context: SparkContext, splits: list[Split], known: Broadcast[Known]) -> Tally:
    """Count all splits, on as many machines as there are."""
    pieces = context.parallelize(splits, number_of_tasks(context, splits))
    # As a tree: with many tasks the executors merge histograms before the driver does.
    return pieces.mapPartitions(lambda some: [count(some, known.value)]).treeReduce(Tally.merged)


def count(splits: Iterable[Split], known: Known) -> Tally:
    """Count some splits, on this machine."""
    found = Tally(Counts.zero(len(known)))
    for split in splits:
        for block in judged(split, known):
            found.add(block.ratings)
            found.rejected.add(rows_of(split, block))
            found.not_rated += block.not_rated
    return found


def judged(split: Split, known: Known) -> Iterator[Judged]:
    """The ratings of a split that count and its other rows, block by block."""
    for block in read_blocks(split):
        yield judge(block, split.file.shape, known)


def rows_of(split: Split, block: Judged) -> list[Row]:
    """The rejected rows of a block, with the name of the file."""
    return [(split.file.name, *fault) for fault in block.rejected]


def number_of_tasks(context: SparkContext, splits: list[Split]) -> int:
    """Enough for all cores and small enough to be repeated; at most one for each split."""
    size = sum(split.stop - split.start for split in splits if not split.file.gzipped)
    wanted = max(TASKS_PER_CORE * context.defaultParallelism, size // LARGEST_TASK_BYTES)
    return max(1, min(len(splits), wanted))


def keys(ratings: Ratings) -> NDArray[np.int64]:
    """(user, movie) as one number; both are below 2^31."""
    return (ratings.user << 32) | ratings.movie


def totals(counts: Counts) -> Totals:
    """Sums over the movies."""
    by_half_stars = tuple(int(n) for n in counts.half_stars.sum(axis=0))
    return Totals(by_half_stars, int((counts.last_rated_at != NEVER).sum()))


def _extended(
    spans: list[tuple[int, int]] | None, block: NDArray[np.int64]
) -> list[tuple[int, int]] | None:
    if spans is None or not (np.diff(block) > 0).all():
        return None
    if not len(block):
        return spans
    first, last = int(block[0]), int(block[-1])
    if spans and spans[-1][1] < first:
        return [*spans[:-1], (spans[-1][0], last)]
    return [*spans, (first, last)]
