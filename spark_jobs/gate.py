"""Refuses to publish what looks wrong. Everything here runs before a row is written."""

from spark_jobs.errors import JobError
from spark_jobs.figures import Figures
from spark_jobs.validate import Verdicts


def check_nothing_is_empty(figures: Figures) -> None:
    """Raise JobError where publishing would leave the site without movies, ratings or a list."""
    for file, verdicts in {"movies.csv": figures.movies, "ratings.csv": figures.ratings}.items():
        if not verdicts.accepted:
            raise JobError(
                f"nothing to publish: none of the {verdicts.read:,} rows of {file} counts "
                f"({_reasons(verdicts)})"
            )
    if not figures.movies_ranked:
        raise JobError(
            f"nothing to publish: no movie has {figures.min_ratings} ratings or more; "
            "lower --min-ratings"
        )


def _reasons(verdicts: Verdicts) -> str:
    listed = [f"{rows:,} {reason}" for reason, rows in verdicts.rejected.items()]
    return ", ".join(listed) or "it has no rows"
