"""What is known about a published run besides its movies."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.catalogue import packing

PERSONAL = "personal"
"""The job's name of the lists of known users in an evaluation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """A run that is or was current, with everything that explains its figures."""

    id: int
    status: Literal["current", "superseded"]
    started_at: datetime
    finished_at: datetime
    purged_at: datetime | None
    synthetic: bool
    scale: str
    """The scale of the original ratings, such as 1-10."""
    input_fingerprint: str
    parameters: dict[str, Any]
    """The job's options, and what it found out about the input."""
    overruled_gates: dict[str, str]
    versions: dict[str, str]
    encrypted: bool | None
    """Whether the job's connection was encrypted; None if that is not known."""
    movies: int
    """Accepted ones."""
    movies_read: int
    movies_rated: int
    movies_ranked: int
    ratings: int
    """Accepted ones."""
    ratings_read: int
    ratings_superseded: int
    rejected_by_reason: dict[str, dict[str, int]]
    half_star_counts: dict[str, int]
    """Stars -> ratings."""
    prior_mean: float
    prior_weight: float
    min_ratings: int
    trending: dict[str, Any] | None
    """Half-life and newest month; None if the run has no trends."""
    fitted_models: dict[str, Any] | None
    """What was fitted and how; None if the run has only rankings."""
    evaluation: dict[str, Any] | None
    """As the job measured it; None if that was left out."""

    @property
    def has_models(self) -> bool:
        """Whether it has models that this site can read."""
        return (self.fitted_models or {}).get("packing") == packing.VERSION

    @property
    def kept(self) -> bool:
        """Whether its rows are still available."""
        return self.purged_at is None

    @property
    def ratings_rejected(self) -> int:
        return self.ratings_read - self.ratings - self.ratings_superseded

    @property
    def mean_rating(self) -> float:
        """Mean of all accepted ratings, in stars; half-stars are added as integers."""
        counts = self.half_star_counts.values()
        half_stars = sum(k * n for k, n in enumerate(counts, start=1))
        return half_stars / (2 * self.ratings) if self.ratings else 0.0


def by_stars(half_star_counts: list[int]) -> dict[str, int]:
    """Ten counts by their stars, from "0.5" to "5.0"."""
    return {str(k / 2): count for k, count in enumerate(half_star_counts, start=1)}


def personal_ndcg(evaluation: dict[str, Any] | None, split: str) -> float | None:
    """nDCG@10 of the lists of known users in a split; None if it was not measured."""
    found = personal_estimate(evaluation, split)
    return float(found["mean"]) if found else None


def personal_estimate(evaluation: dict[str, Any] | None, split: str) -> dict[str, float] | None:
    """The same with the `lower` and `upper` end of its 90% interval."""
    found = evaluation["splits"].get(split) if evaluation else None
    for system in found["systems"] if found else []:
        if system["name"] == PERSONAL:
            estimate: dict[str, float] = system["metrics"]["ndcg"]
            return estimate
    return None
