"""Who rated what and when: the ratings by user, in blocks that lie on the executors.

One pass deals the ratings out by user (`deduplicate.deal`), so that all of a user's ratings stand
in one block. The blocks are kept in the executors' memory, and on their disks where that is full;
the driver holds none of them. A block is about 2 million ratings, 42 MB; the task that makes it
peaks at some 250 MB.

What is asked of all blocks is answered by their contents alone: how the users were dealt out, and
in which order the blocks come, changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyspark import RDD, StorageLevel

from spark_jobs.input.ratings.blocks import Ratings
from spark_jobs.input.ratings.scan import Scan
from spark_jobs.model.aggregation.deduplicate import deal


@dataclass(frozen=True)
class UserBlock:
    """All ratings of some users. Those of `users[u]` are `indptr[u]` to `indptr[u + 1]`.

    `users` ascends: ids, or the codes of text ids. `movie_index` is a position in the catalogue
    and ascends within a user; `rated_at` is in seconds since 1970.
    """

    users: NDArray[np.int64]
    indptr: NDArray[np.int64]
    movie_index: NDArray[np.int32]
    half_stars: NDArray[np.uint8]
    rated_at: NDArray[np.int64]

    @classmethod
    def of(cls, ratings: Ratings) -> "UserBlock":
        """Of ratings in the order of users, then movies, as `deduplicate` leaves them."""
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
        """Ratings of each user."""
        return np.diff(self.indptr)

    @property
    def ratings(self) -> Ratings:
        """The same as columns of one length."""
        users = np.repeat(self.users, self.counts)
        return Ratings(users, self.movie_index, self.half_stars.astype(np.int8), self.rated_at)

    def where(self, users: NDArray[np.bool_]) -> "UserBlock":
        """The users that a mask chooses, with all their ratings."""
        return UserBlock.of(self.ratings.where(np.repeat(users, self.counts)))

    @classmethod
    def joined(cls, blocks: Iterable["UserBlock"]) -> "UserBlock":
        """The users of blocks that share none."""
        columns = zip(*(block.ratings for block in blocks), strict=True)
        ratings = Ratings(*map(np.concatenate, columns))
        return cls.of(ratings.where(np.argsort(ratings.user, kind="stable")))


@dataclass(frozen=True)
class Interactions:
    """The ratings that count, by user. Let go of them with `release`."""

    blocks: RDD[UserBlock]

    @classmethod
    def of(cls, scan: Scan, ratings: int) -> "Interactions":
        """Read by the first who asks; `ratings` says how many there are."""
        blocks = deal(scan, ratings).map(UserBlock.of)
        return cls(blocks.persist(StorageLevel.MEMORY_AND_DISK))

    def release(self) -> None:
        """Free what the executors keep."""
        self.blocks.unpersist()

    def count_users(self) -> int:
        """How many there are."""
        return int(self.blocks.map(lambda block: len(block.users)).sum())

    def sample(self, users: int, ratings: int) -> UserBlock:
        """At most so many users, with at most so many ratings together, in one block.

        They are the first by a hash of their ids: the same whatever the partitions, and all of
        them where there are fewer.
        """
        chosen = self.blocks.map(lambda block: _Chosen.of(block).cut(users, ratings)).treeReduce(
            lambda one, other: one.merged(other).cut(users, ratings)
        )
        last = chosen.hashes.max(initial=0)
        parts = self.blocks.map(lambda block: block.where(hashed(block.users) <= last)).collect()
        return UserBlock.joined(parts)

    def newest_users(self, users: int) -> "NewestUsers":
        """So many of those who rated last."""
        return self.blocks.map(lambda block: NewestUsers.of(block).cut(users)).treeReduce(
            lambda one, other: one.merged(other).cut(users)
        )


@dataclass(frozen=True)
class NewestUsers:
    """Users, those who rated last first; of several at one moment the lower id."""

    users: NDArray[np.int64]
    rated_at: NDArray[np.int64]

    @classmethod
    def of(cls, block: UserBlock) -> "NewestUsers":
        """The users of a block, in no order yet."""
        starts = block.indptr[:-1]  # nobody is without a rating
        latest = np.maximum.reduceat(block.rated_at, starts) if len(starts) else starts
        return cls(block.users, latest)

    def merged(self, other: "NewestUsers") -> "NewestUsers":
        """Those of both."""
        return NewestUsers(
            np.concatenate([self.users, other.users]),
            np.concatenate([self.rated_at, other.rated_at]),
        )

    def includes(self, block: UserBlock) -> NDArray[np.bool_]:
        """Which users of a block are among these, which are `cut`."""
        if not len(self.users):
            return np.zeros(len(block.users), np.bool_)
        latest, last = NewestUsers.of(block).rated_at, self.rated_at[-1]
        at_last = (latest == last) & (block.users <= self.users[-1])
        return np.asarray((latest > last) | at_last)

    def cut(self, users: int) -> "NewestUsers":
        """The first so many."""
        order = np.lexsort((self.users, -self.rated_at))[:users]
        return NewestUsers(self.users[order], self.rated_at[order])


@dataclass(frozen=True)
class _Chosen:
    """Users by the hashes of their ids, and how many ratings each has."""

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
        """The first that keep within both limits: what one part leaves out, all parts would."""
        order = np.argsort(self.hashes)
        fit = int(np.searchsorted(np.cumsum(self.ratings[order]), ratings, side="right"))
        order = order[: min(users, fit)]
        return _Chosen(self.hashes[order], self.ratings[order])


def hashed(users: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A number for each user that looks random and is no other's.

    Source: the finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014), which is a bijection.
    """
    z = users.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))
