"""Who rated what and when: the ratings by user, in blocks on the executors.

One pass partitions the ratings by user (`deduplicate.partition_by_user`), so that all of a user's
ratings are in one block. The blocks are kept in the executors' memory, and on their disks when
that is full; the driver has none of them. A block is about 2 million ratings, 42 MB; the task that
makes it peaks at some 250 MB.

Results over all blocks depend only on their contents: how the users are partitioned, and the order
of the blocks, change nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyspark import RDD, StorageLevel

from spark_jobs.input.ratings.blocks import Ratings
from spark_jobs.input.ratings.scan import Scan
from spark_jobs.model.aggregation.deduplicate import partition_by_user


@dataclass(frozen=True)
class UserBlock:
    """All ratings of some users. Those of `users[u]` are `indptr[u]` to `indptr[u + 1]`.

    `users` ascends: ids, or the codes of text ids. `movie_index` is a position in the catalogue
    that ascends within a user; `rated_at` is in seconds since 1970.
    """

    users: NDArray[np.int64]
    indptr: NDArray[np.int64]
    movie_index: NDArray[np.int32]
    half_stars: NDArray[np.uint8]
    rated_at: NDArray[np.int64]

    @classmethod
    def of(cls, ratings: Ratings) -> "UserBlock":
        """From ratings sorted by user, then movie, as `deduplicate` returns them."""
        users, starts = np.unique(ratings.user, return_index=True)
        return cls(
            users,
            np.append(starts, len(ratings.user)).astype(np.int64),
            ratings.movie_index,
            ratings.half_stars.astype(np.uint8),
            ratings.rated_at,
        )

    @property
    def counts(self) -> NDArray[np.int64]:
        """The number of each user's ratings."""
        return np.diff(self.indptr)

    @property
    def ratings(self) -> Ratings:
        """The ratings as columns of one length."""
        users = np.repeat(self.users, self.counts)
        return Ratings(users, self.movie_index, self.half_stars.astype(np.int8), self.rated_at)

    def where(self, users: NDArray[np.bool_]) -> "UserBlock":
        """The users selected by a mask, with all their ratings."""
        return UserBlock.of(self.ratings.where(np.repeat(users, self.counts)))

    @classmethod
    def joined(cls, blocks: Iterable["UserBlock"]) -> "UserBlock":
        """Join blocks that have no users in common."""
        columns = zip(*(block.ratings for block in blocks), strict=True)
        ratings = Ratings(*map(np.concatenate, columns))
        return cls.of(ratings.where(np.argsort(ratings.user, kind="stable")))


@dataclass(frozen=True)
class Interactions:
    """The latest ratings, by user. Free them with `release`."""

    blocks: RDD[UserBlock]

    @classmethod
    def of(cls, scan: Scan, ratings: int) -> "Interactions":
        """Read on first use; `ratings` is their number."""
        blocks = partition_by_user(scan, ratings).map(UserBlock.of)
        return cls(blocks.persist(StorageLevel.MEMORY_AND_DISK))

    def release(self) -> None:
        """Free the executors' memory."""
        self.blocks.unpersist()

    def count_users(self) -> int:
        """The number of users."""
        return int(self.blocks.map(lambda block: len(block.users)).sum())

    def sample(self, users: int, ratings: int) -> UserBlock:
        """Select at most `users` users with at most `ratings` ratings in all, in one block.

        They are the first by a hash of their ids: the same whatever the partitions, and all of
        them if there are fewer.
        """
        chosen = self.blocks.map(lambda block: _Chosen.of(block).cut(users, ratings)).treeReduce(
            lambda one, other: one.merged(other).cut(users, ratings)
        )
        last = chosen.hashes.max(initial=0)
        parts = self.blocks.map(lambda block: block.where(hashed(block.users) <= last)).collect()
        return UserBlock.joined(parts)

    def newest_users(self, users: int) -> "NewestUsers":
        """The `users` users who rated last."""
        return self.blocks.map(lambda block: NewestUsers.of(block).cut(users)).treeReduce(
            lambda one, other: one.merged(other).cut(users)
        )


@dataclass(frozen=True)
class NewestUsers:
    """Users by the time of their last rating, newest first; ties go to the lower id."""

    users: NDArray[np.int64]
    rated_at: NDArray[np.int64]

    @classmethod
    def of(cls, block: UserBlock) -> "NewestUsers":
        """The users of a block, not yet sorted."""
        starts = block.indptr[:-1]  # every user has a rating
        latest = np.maximum.reduceat(block.rated_at, starts) if len(starts) else starts
        return cls(block.users, latest)

    def merged(self, other: "NewestUsers") -> "NewestUsers":
        """The users of both."""
        return NewestUsers(
            np.concatenate([self.users, other.users]),
            np.concatenate([self.rated_at, other.rated_at]),
        )

    def includes(self, block: UserBlock) -> NDArray[np.bool_]:
        """Which users of a block are among these, after a `cut`."""
        if not len(self.users):
            return np.zeros(len(block.users), np.bool_)
        latest, last = NewestUsers.of(block).rated_at, self.rated_at[-1]
        at_last = (latest == last) & (block.users <= self.users[-1])
        return np.asarray((latest > last) | at_last)

    def cut(self, users: int) -> "NewestUsers":
        """The first `users` of them."""
        order = np.lexsort((self.users, -self.rated_at))[:users]
        return NewestUsers(self.users[order], self.rated_at[order])


@dataclass(frozen=True)
class _Chosen:
    """Users by the hashes of their ids, and the number of each one's ratings."""

    hashes: NDArray[np.uint64]
    ratings: NDArray[np.int64]

    @classmethod
    def of(cls, block: UserBlock) -> "_Chosen":
        return cls(hashed(block.users), block.counts)

    def merged(self, other: "_Chosen") -> "_Chosen":
        return _Chosen(
            np.concatenate([self.hashes, other.hashes]),
            np.concatenate([self.ratings, other.ratings]),
        )

    def cut(self, users: int, ratings: int) -> "_Chosen":
        """The first users within both limits; whoever one part omits, all parts would omit."""
        order = np.argsort(self.hashes)
        fit = int(np.searchsorted(np.cumsum(self.ratings[order]), ratings, side="right"))
        order = order[: min(users, fit)]
        return _Chosen(self.hashes[order], self.ratings[order])


def hashed(users: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A unique, random-looking number for each user.

    Source: the finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014), which is a bijection.
    """
    z = users.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))
