"""The results of a run, for its row in the database, the console and the JSON summary."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from spark_jobs.evaluation.quality import Quality, quality
from spark_jobs.input.files.input_files import Input
from spark_jobs.input.rejection import Reason, RowCounts
from spark_jobs.model.aggregation.counts import Totals
from spark_jobs.model.ranking.weighted_rating import TopMovie
from spark_jobs.model.recommendations.model_facts import ModelFacts


@dataclass(frozen=True)
class RunReport:
    """The report of one computed run, before it has a number.

    `prior_weight` is in ratings, `top` holds the first 100 rows of the ranking, `overruled_gates`
    the closed gates that were allowed. `details` are the rows of links and tags, if the
    input has any. `cipher` is that of the connection to the database: "" for none, None without a
    network. `fitted_models` is None for a run without models, `evaluation` (JSON, see
    `evaluation/evaluate.py`) for one that was not measured.
    """

    started_at: datetime
    source: Input
    parameters: dict[str, object]
    versions: dict[str, str]
    movies: RowCounts
    ratings: RowCounts
    totals: Totals
    movies_ranked: int
    prior_weight: float
    min_ratings: int
    top: list[TopMovie]
    details: dict[str, RowCounts] = field(default_factory=dict)
    overruled_gates: dict[str, str] = field(default_factory=dict)
    cipher: str | None = None
    fitted_models: ModelFacts | None = None
    evaluation: dict[str, Any] | None = None

    @property
    def quality(self) -> Quality | None:
        """The figure that this run is compared with the next by."""
        return quality(self.evaluation)

    def as_row(self) -> dict[str, object]:
        """The columns of `app_run`, except those that track the run's progress."""
        return {
            "input": self.source.prefix,
            "input_fingerprint": self.source.fingerprint,
            "synthetic": self.source.synthetic,
            "parameters": json.dumps(self.parameters),
            "overruled_gates": json.dumps(self.overruled_gates),
            "versions": json.dumps(self.versions),
            "movies_read": self.movies.read,
            "movies_accepted": self.movies.accepted,
            "movies_rated": self.totals.rated_movies,
            "movies_ranked": self.movies_ranked,
            "ratings_read": self.ratings.read,
            "ratings_accepted": self.ratings.accepted,
            "ratings_superseded": self.ratings.superseded,
            "rejected_by_reason": json.dumps(self._rejected_by_reason()),
            "half_star_counts": json.dumps(self.totals.by_half_stars),
            "prior_mean": self.totals.mean,
            "prior_weight": self.prior_weight,
            "min_ratings": self.min_ratings,
            "fitted_models": json.dumps(self.fitted_models) if self.fitted_models else None,
            "evaluation": json.dumps(self.evaluation) if self.evaluation else None,
            "encrypted": None if self.cipher is None else bool(self.cipher),
        }

    def _rejected_by_reason(self) -> dict[str, dict[Reason, int]]:
        rejected = {"movies": self.movies.rejected, "ratings": self.ratings.rejected}
        details = {kind: rows.rejected for kind, rows in self.details.items() if rows.rejected}
        return rejected | details
