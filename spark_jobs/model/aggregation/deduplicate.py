"""Where a user may have rated a movie twice: the latest rating counts.

The ratings are dealt out by user, so that all of a user's ratings meet on one machine. Of
those with the latest timestamp the highest counts: a rule that does not depend on the
order in which they are read. `interactions.py` keeps what is dealt out for the models.
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
    """Count the latest rating of each user and movie alone."""
    movies = len(scan.index.value)
    counted = deal(scan, ratings).map(lambda some: _count(some, movies))
    return counted.treeReduce(Counts.merged, depth=MERGING_LAYERS)


def deal(scan: Scan, ratings: int) -> RDD[Ratings]:
    """The ratings that count, in the order of users, then movies; all of a user's in one element.

    `ratings` says how many there are, so that none of the elements grows too large.
    """
    buckets = max(scan.context.defaultParallelism, ratings // RATINGS_PER_BUCKET)
    dealt = scan.map_tasks(lambda _, blocks: _deal(blocks, buckets))
    return dealt.partitionBy(buckets, int).mapPartitions(lambda pieces: [_joined(pieces)])


def deduplicate(ratings: Ratings) -> Ratings:
    """Of each user and movie the last rating, and of several at that time the highest."""
    key = keys(ratings._replace(user=_short(ratings.user)))
    order = np.lexsort((ratings.half_stars, ratings.rated_at, key))
    is_last = np.append(np.diff(key[order]) != 0, True)[: len(order)]
    return ratings.where(order[is_last])


def _short(users: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same users with numbers that fit a key: the codes of text ids do not."""
    if users.max(initial=0) <= LARGEST_ID:
        return users
    return np.unique(users, return_inverse=True)[1].astype(np.int64)


def _deal(blocks: Iterable[ScannedBlock], buckets: int) -> Iterator[tuple[int, Ratings]]:
    for ratings in (block.parsed.ratings for block in blocks):
        bucket = ratings.user % buckets
        for number in np.unique(bucket):
            yield int(number), ratings.where(bucket == number)


def _joined(dealt: Iterable[tuple[int, Ratings]]) -> Ratings:
    pieces = [ratings for _, ratings in dealt] or [NO_RATINGS]
    return deduplicate(Ratings(*map(np.concatenate, zip(*pieces, strict=True))))


def _count(ratings: Ratings, movies: int) -> Counts:
    counts = Counts.zero(movies)
    counts.add(ratings)
    return counts
