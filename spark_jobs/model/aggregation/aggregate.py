"""Count the ratings of each movie in one pass.

Each task counts its splits into one histogram over (movie, half-stars). Only histograms are sent,
and their size depends on the catalogue, not on the ratings. The ranking uses these counts
only; deduplication, the models, the evaluation and `--rejects` read the ratings again.

The pass also proves that nobody rated a movie twice: MovieLens files are sorted by (user, movie),
so the keys of each block ascend strictly and no two blocks overlap. Only if the proof fails does
counting shuffle the ratings: see `deduplicate.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spark_jobs.input.formats.ids import LARGEST_ID
from spark_jobs.input.ratings.scan import Scan, ScannedBlock
from spark_jobs.input.rejection import Rejected, RowCounts
from spark_jobs.model.aggregation.counts import MERGING_LAYERS, Counts, Totals, keys, totals
from spark_jobs.model.aggregation.deduplicate import count_deduplicated


@dataclass
class Tally:
    """The counts of some of the splits.

    `spans` are the first and last keys of each ascending sequence of blocks, or None if
    some block does not ascend. `not_rated` counts rows whose rating means not rated.
    """

    counts: Counts
    rejected: Rejected = field(default_factory=Rejected)
    spans: list[tuple[int, int]] | None = field(default_factory=list)
    not_rated: int = 0

    def add(self, block: ScannedBlock) -> None:
        """Count a block."""
        ratings = block.parsed.ratings
        self.rejected.add(block.rejected_rows())
        self.not_rated += block.parsed.not_rated
        self.counts.add(ratings)
        # The codes of text ids are too long for keys, and unordered: no proof is possible.
        has_keys = ratings.user.max(initial=0) <= LARGEST_ID
        self.spans = _extended(self.spans, keys(ratings)) if has_keys else None

    def merged(self, other: "Tally") -> "Tally":
        """The counts of both."""
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
class Aggregated:
    """The accepted ratings by movie, and the counts of all rows."""

    counts: Counts
    totals: Totals
    rows: RowCounts
    rejected: Rejected
    not_rated: int


def aggregate(scan: Scan) -> Aggregated:
    """Count the latest rating of each user and movie."""
    found = tally(scan)
    counts = found.counts
    if not found.is_proved_distinct:
        counts = count_deduplicated(scan, counts.ratings)
    superseded = found.counts.ratings - counts.ratings
    rows = RowCounts.of(counts.ratings, found.rejected, superseded)
    return Aggregated(counts, totals(counts), rows, found.rejected, found.not_rated)


def tally(scan: Scan) -> Tally:
    """Count all splits, on as many machines as there are."""
    movies = len(scan.index.value)
    tallies = scan.map_tasks(lambda _, blocks: [count(blocks, movies)])
    return tallies.treeReduce(Tally.merged, depth=MERGING_LAYERS)


def count(blocks: Iterable[ScannedBlock], movies: int) -> Tally:
    """Count some blocks, on this machine."""
    found = Tally(Counts.zero(movies))
    for block in blocks:
        found.add(block)
    return found


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
