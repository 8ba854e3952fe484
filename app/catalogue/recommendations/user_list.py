"""A run's list for a known user, scored and explained by the job.

`novelty` multiplies scores and contributions by ((d_j + 5) / 50)^-(0.8 (novelty - 0.5)), where d_j
is the number of ratings of movie j; at 0.5 they are as the run has them.
"""

import math
from array import array
from dataclasses import dataclass

from app.catalogue.catalogue import Catalogue
from app.catalogue.packing import USER_RECOMMENDATIONS, unpack
from app.catalogue.recommendations.recommendation import (
    Contributions,
    Recommendation,
    novelty_shift,
    popularity_factor,
)


@dataclass(frozen=True, slots=True)
class UserList:
    """The row of a known user, unpacked: several reasons and contributions per entry."""

    movie_ids: "array[int]"
    scores: "array[float]"
    reasons: "array[int]"
    """0 if an entry has fewer."""
    contributions: "array[float]"

    @classmethod
    def of(cls, packed: bytes) -> "UserList":
        return cls(*unpack(packed, USER_RECOMMENDATIONS))

    def recommendations(self, catalogue: Catalogue, novelty: float | None) -> list[Recommendation]:
        """In the order of the list, unless `novelty` changes it."""
        exponent, found = novelty_shift(novelty), []
        for entry, (movie_id, score) in enumerate(zip(self.movie_ids, self.scores, strict=True)):
            row = catalogue.columns.row_of(movie_id)
            if row is not None and catalogue.columns.is_rated(row):
                factor = popularity_factor(catalogue.columns.rating_count[row], exponent)
                found.append(Recommendation(row, factor * score, factor, entry))
        return sorted(found, key=lambda one: -one.score) if exponent else found

    def explain(self, one: Recommendation) -> tuple[Contributions, float]:
        size = len(self.reasons) // len(self.movie_ids)
        entries = range(one.entry * size, (one.entry + 1) * size)
        parts = [(self.reasons[at], one.factor * self.contributions[at]) for at in entries]
        rest = math.fsum([one.score, *(-contribution for _, contribution in parts)])
        return [part for part in parts if part[0]], rest
