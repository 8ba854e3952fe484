"""The figures of the current run, for the gates that compare a new run with it."""

import json
from dataclasses import dataclass

from spark_jobs.evaluation.quality import Quality, quality
from spark_jobs.store.engine import Database

TOP = 100


@dataclass(frozen=True)
class PreviousRun:
    """The run that a new one would replace; `top` has the ids of its best movies."""

    run: int
    synthetic: bool
    movies: int
    ratings: int
    prior_mean: float
    top: frozenset[int]
    quality: Quality | None = None
    scale: object = None


def read_previous_run(database: Database) -> PreviousRun | None:
    """Read the current run, or None before the first publish."""
    rows = database.query(
        "SELECT id, synthetic, movies_accepted, ratings_accepted, prior_mean, evaluation,"
        " parameters FROM app_run WHERE status = 'current'"
    )
    if not rows:
        return None
    run, synthetic, movies, ratings, prior_mean, evaluation, parameters = rows[0]
    # Not by `rank`, a reserved word in MySQL: this order is the ranking's own.
    top = database.query(
        "SELECT d.movie_id FROM app_recommendationdata AS d JOIN app_run AS r ON r.id = d.run_id"
        " WHERE d.run_id = ? AND d.rating_count >= r.min_ratings"
        f" ORDER BY d.weighted_rating DESC, d.rating_count DESC, d.movie_id LIMIT {TOP}",
        run,
    )
    return PreviousRun(
        run=int(run),
        synthetic=bool(synthetic),
        movies=int(movies),
        ratings=int(ratings),
        prior_mean=float(prior_mean),
        top=frozenset(int(movie_id) for (movie_id,) in top),
        quality=quality(json.loads(evaluation) if evaluation else None),
        scale=json.loads(parameters).get("scale"),
    )
