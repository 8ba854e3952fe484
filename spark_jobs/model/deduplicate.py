"""Where a user may have rated a movie twice: the latest rating counts.

The ratings are dealt out by user, so that all of a user's ratings meet on one machine. Of
those with the latest timestamp the highest counts: a rule that does not depend on the
order in which they are read.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from pyspark import Broadcast, SparkContext

from spark_jobs.input.formats.ids import LARGEST_ID
from spark_jobs.input.ratings import Known, Ratings
from spark_jobs.input.splits import Split
from spark_jobs.model.aggregate import Counts, judged, keys, number_of_tasks

RATINGS_PER_BUCKET = 2_000_000


def count_latest(
    context: SparkContext, splits: list[Split], known: Broadcast[Known], ratings: int
) -> Counts:
    """Like `aggregate.tally`, over the latest rating of each user and movie alone.

    `ratings` says how many there are, so that none of the buckets grows too large.
    """
    buckets = max(context.defaultParallelism, ratings // RATINGS_PER_BUCKET)
    pieces = context.parallelize(splits, number_of_tasks(context, splits))
    dealt = pieces.flatMap(lambda split: _deal(split, known.value, buckets))
    met = dealt.partitionBy(buckets, int).mapPartitions(lambda some: [_count(some, known.value)])
    return met.treeReduce(Counts.merged)


def latest(ratings: Ratings) -> Ratings:
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


def _deal(split: Split, known: Known, buckets: int) -> Iterator[tuple[int, Ratings]]:
    for ratings in (block.ratings for block in judged(split, known)):
        bucket = ratings.user % buckets
        for number in np.unique(bucket):
            yield int(number), ratings.where(bucket == number)


def _count(dealt: Iterable[tuple[int, Ratings]], known: Known) -> Counts:
    counts = Counts.zero(len(known))
    pieces = [ratings for _, ratings in dealt]
    if pieces:
        counts.add(latest(Ratings(*map(np.concatenate, zip(*pieces, strict=True)))))
    return counts
