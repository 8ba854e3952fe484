"""What follows from the movies that a visitor names.

    score_j = f_j (sum_i x_i W_ij),  f_j = ((d_j + 5) / 50)^-t

i are the movies that the visitor named, W_ij the run's weights, d_j the likes of movie j. A liked
movie has x = 1. One rated with r stars has x = max(r - (L - 2), 0) / 2, where L is the stars from
which the run counts a rating as a like: 4 stars weigh 1, 5 stars 1.5, 3 stars 0.5, 2 and fewer
nothing. (Measured on visitors of ML-100K: negative weights for low ratings do worse, as people rate
movies close to those they like; docs/performance.md.)

t = clip(0.2 log2(p / 5), -0.4, 0.3) for p likes: with few of them popular movies count more, with
many less. `novelty` from 0 to 1 adds 0.8 (novelty - 0.5).

Each summand f_j x_i W_ij is the exact contribution of one movie.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from app.catalogue.catalogue import Catalogue
from app.catalogue.columns import HALF_STARS, Columns
from app.catalogue.fitted import Weights
from app.catalogue.recommendations.recommendation import (
    Contributions,
    Recommendation,
    novelty_shift,
    popularity_factor,
)

LIKED_FROM = 4.0
Stars = Mapping[int, float | None]
"""Movie id -> stars, None for a movie that is only liked."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who names movies of a catalogue."""

    catalogue: Catalogue
    named: Stars

    @cached_property
    def liked_from(self) -> float:
        visitors = (self.catalogue.run.fitted_models or {}).get("visitors") or {}
        return float(visitors.get("liked_from", LIKED_FROM))

    @cached_property
    def weights(self) -> dict[int, Weights]:
        """Movie id -> what follows from it; in order of ids, so that sums never differ."""
        found = {}
        for movie_id, stars in sorted(self.named.items()):
            x, row = input_of(stars, self.liked_from), self.catalogue.columns.row_of(movie_id)
            weights = self.catalogue.models.weights_from(row, x) if x and row is not None else None
            if weights:
                found[movie_id] = weights
        return found

    def recommendations(self, novelty: float | None) -> list[Recommendation]:
        """All movies with a score above 0, the best first; ties go by likes, then by id."""
        exponent = popularity_exponent(self._likes) + novelty_shift(novelty)
        columns, liked_from, found = self.catalogue.columns, self.liked_from, []
        for movie_id, score in self._sums().items():
            row = columns.row_of(movie_id)
            if row is None or score <= 0 or movie_id in self.named:
                continue
            count = _likes(columns, row, liked_from)
            factor = popularity_factor(count, exponent)
            found.append((-factor * score, -count, row, factor))
        found.sort()
        return [Recommendation(row, -less, factor) for less, _, row, factor in found]

    def explain(self, one: Recommendation) -> tuple[Contributions, float]:
        """The terms of a score."""
        to = self.catalogue.columns.movie_ids[one.row]
        parts = [
            (movie_id, one.factor * weight)
            for movie_id, weights in self.weights.items()
            if (weight := weights.of(to))
        ]
        return parts, 0.0

    @property
    def _likes(self) -> int:
        return sum(stars is None or stars >= self.liked_from for stars in self.named.values())

    def _sums(self) -> dict[int, float]:
        """Movie id -> sum of x W."""
        sums: dict[int, float] = {}
        for weights in self.weights.values():
            weights.add_to(sums)
        return sums


def popularity_exponent(picks: int) -> float:
    """t: below 0, popular movies are recommended more; above 0, less."""
    return min(max(0.2 * math.log2(max(picks, 1) / 5), -0.4), 0.3)


def input_of(stars: float | None, liked_from: float) -> float:
    """x: what a visitor's movie counts for."""
    return 1.0 if stars is None else max(stars - liked_from + 2, 0.0) / 2


def _likes(columns: Columns, row: int, liked_from: float) -> int:
    """How many ratings have at least this many stars."""
    first, end = row * HALF_STARS + math.ceil(2 * liked_from) - 1, (row + 1) * HALF_STARS
    return sum(columns.half_stars[first:end])
