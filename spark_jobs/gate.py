"""Refuses to publish what looks wrong. Everything here runs before a row is written."""

from spark_jobs.errors import JobError
from spark_jobs.figures import Figures


def check_nothing_is_empty(figures: Figures) -> None:
    """Raise JobError where publishing would leave the site without movies, ratings or a list."""
    if not figures.movies_accepted:
        raise JobError(_none_accepted("movies", figures.movies_read, figures))
    if not figures.ratings_accepted:
        raise JobError(_none_accepted("ratings", figures.ratings_read, figures))
    if not figures.movies_ranked:
        raise JobError(
            f"nothing to publish: no movie has {figures.min_ratings} ratings or more; "
            "lower --min-ratings"
        )


def _none_accepted(file: str, read: int, figures: Figures) -> str:
    reasons = figures.rejected_by_reason[file].items()
    listed = ", ".join(f"{rows:,} {reason}" for reason, rows in reasons) or "it has no rows"
    return f"nothing to publish: none of the {read:,} rows of {file}.csv counts ({listed})"
