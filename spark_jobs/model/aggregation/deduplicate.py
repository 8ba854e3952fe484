"""Keep only the latest of a user's ratings of a movie.

The ratings are partitioned by user, so that all of a user's ratings are in one place. Of those
with the latest timestamp the highest is kept: a rule that does not depend on the order in which
they are read. The counts use such a partitioning once; `recommendations/interactions.py` makes
its own and keeps it for the models.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from pyspark import RDD

from spark_jobs.input.formats.ids import LARGEST_ID
from spark_jobs.input.ratings.blocks import Ratings
from spark_jobs.input.ratings.scan import Scan, ScannedBlock
from spark_jobs.model.aggregation.counts import MERGING_LAYERS, Counts, keys

RATINGS_PER_BUCKET = 2_000_000
NO_RATINGS = Ratings(
    np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int8), np.empty(0, np.int64)
)


def count_deduplicated(scan: Scan, ratings: int) -> Counts:
    """Count only the latest rating of each user and movie."""
    movies = len(scan.index.value)
    counted = partition_by_user(scan, ratings).map(lambda some: _count(some, movies))
    return counted.treeReduce(Counts.merged, depth=MERGING_LAYERS)


def partition_by_user(scan: Scan, ratings: int) -> RDD[Ratings]:
    """The latest ratings, sorted by user, then movie, with all of a user's in one element.

    `ratings` is their approximate number, so that no element gets too large.
    """
    buckets = max(scan.context.defaultParallelism, ratings // RATINGS_PER_BUCKET)
    pieces = scan.map_tasks(lambda _, blocks: _by_bucket(blocks, buckets))
    return pieces.partitionBy(buckets, int).mapPartitions(lambda some: [_joined(some)])


def deduplicate(ratings: Ratings) -> Ratings:
    """The last rating of each user and movie; of several at that time the highest."""
    key = keys(ratings._replace(user=_short(ratings.user)))
    order = np.lexsort((ratings.half_stars, ratings.rated_at, key))
    is_last = np.append(np.diff(key[order]) != 0, True)[: len(order)]
    return ratings.where(order[is_last])


def _short(users: NDArray[np.int64]) -> NDArray[np.int64]:
    """Renumber the users so that they fit a key, which the codes of text ids do not."""
    if users.max(initial=0) <= LARGEST_ID:
        return users
    return np.unique(users, return_inverse=True)[1].astype(np.int64)


def _by_bucket(blocks: Iterable[ScannedBlock], buckets: int) -> Iterator[tuple[int, Ratings]]:
    for ratings in (block.parsed.ratings for block in blocks):
        bucket = ratings.user % buckets
        for number in np.unique(bucket):
            yield int(number), ratings.where(bucket == number)


def _joined(numbered: Iterable[tuple[int, Ratings]]) -> Ratings:
    pieces = [ratings for _, ratings in numbered] or [NO_RATINGS]
    return deduplicate(Ratings(*map(np.concatenate, zip(*pieces, strict=True))))


def _count(ratings: Ratings, movies: int) -> Counts:
    counts = Counts.zero(movies)
    counts.add(ratings)
    return counts
