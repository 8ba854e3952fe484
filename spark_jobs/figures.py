"""What a run found out, as the run's row, the console and the JSON summary tell it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Figures:
    """The figures of one computed run, before it has a number.

    Counts are rows, `rejected_by_reason` those of each file ("movies", "ratings");
    `prior_mean` is in stars, `prior_weight` in ratings; `half_star_counts[0]` counts the
    ratings of half a star; `top` holds the first rows of the ranking.
    """

    started_at: datetime
    input: str
    input_fingerprint: str
    synthetic: bool
    parameters: dict[str, Any]
    versions: dict[str, str]
    movies_read: int
    movies_accepted: int
    movies_rated: int
    movies_ranked: int
    genre_rows: int
    ratings_read: int
    ratings_accepted: int
    rejected_by_reason: dict[str, dict[str, int]]
    half_star_counts: tuple[int, ...]
    prior_mean: float
    prior_weight: float
    min_ratings: int
    top: list[dict[str, Any]] = field(default_factory=list)
