"""What is known of a published run besides its movies."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.catalogue import packing

PERSONAL = "personal"
"""The job's name of the lists of known users in an evaluation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """A run that is or was current, with all that explains its figures."""

    id: int
    status: Literal["current", "superseded"]
    started_at: datetime
    finished_at: datetime
    purged_at: datetime | None
    synthetic: bool
    scale: str
    """That the ratings came on, such as 1-10."""
    input_fingerprint: str
    parameters: dict[str, Any]
    """What the job was told, and what it found out about the input."""
    overruled_gates: dict[str, str]
    versions: dict[str, str]
    encrypted: bool | None
    """Whether the job's connection was; None where that is not known."""
    movies: int
    """That were accepted."""
    movies_read: int
    movies_rated: int
    movies_ranked: int
    ratings: int
    """That were accepted."""
    ratings_read: int
    ratings_superseded: int
    rejected_by_reason: dict[str, dict[str, int]]
    half_star_counts: dict[str, int]
    """Stars -> ratings."""
    prior_mean: float
    prior_weight: float
    min_ratings: int
    trending: dict[str, Any] | None
    """Half-life and newest month; None where the run has no trends."""
    fitted_models: dict[str, Any] | None
    """What was fitted and how; None where the run has rankings alone."""
    evaluation: dict[str, Any] | None
    """As the job measured it; None where that was left out."""

    @property
    def has_models(self) -> bool:
        """Whether it has any that this site can read."""
        return (self.fitted_models or {}).get("packing") == packing.VERSION

    @property
    def kept(self) -> bool:
        """Whether its rows are still there to be asked for."""
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
    """Ten counts under their stars, from "0.5" to "5.0"."""
    return {str(k / 2): count for k, count in enumerate(half_star_counts, start=1)}


def personal_ndcg(evaluation: dict[str, Any] | None, split: str) -> float | None:
    """nDCG@10 of the lists of known users in a split; None where it was not measured."""
    found = personal_estimate(evaluation, split)
    return float(found["mean"]) if found else None


def personal_estimate(evaluation: dict[str, Any] | None, split: str) -> dict[str, float] | None:
    """The same with the `lower` and `upper` end of its 90 % interval."""
    found = evaluation["splits"].get(split) if evaluation else None
    for system in found["systems"] if found else []:
        if system["name"] == PERSONAL:
            estimate: dict[str, float] = system["metrics"]["ndcg"]
            return estimate
    return None
