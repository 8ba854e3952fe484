"""Where a user may have rated a movie twice: the latest rating counts.

The ratings are dealt out by user, so that all of a user's ratings meet on one machine. Of
those with the latest timestamp the highest counts: a rule that does not depend on the
order in which they are read.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from spark_jobs.input.formats.ids import LARGEST_ID
from spark_jobs.input.ratings import Ratings
from spark_jobs.input.scan import Scan, ScannedBlock
from spark_jobs.model.counts import Counts, keys

RATINGS_PER_BUCKET = 2_000_000


def count_deduplicated(scan: Scan, ratings: int) -> Counts:
    """Count the latest rating of each user and movie alone.

    `ratings` says how many there are, so that none of the buckets grows too large.
    """
    movies = len(scan.index.value)
    buckets = max(scan.context.defaultParallelism, ratings // RATINGS_PER_BUCKET)
    dealt = scan.map_tasks(lambda _, blocks: _deal(blocks, buckets))
    met = dealt.partitionBy(buckets, int).mapPartitions(lambda some: [_count(some, movies)])
    return met.treeReduce(Counts.merged)


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


def _count(dealt: Iterable[tuple[int, Ratings]], movies: int) -> Counts:
    counts = Counts.zero(movies)
    pieces = [ratings for _, ratings in dealt]
    if pieces:
        counts.add(deduplicate(Ratings(*map(np.concatenate, zip(*pieces, strict=True)))))
    return counts
