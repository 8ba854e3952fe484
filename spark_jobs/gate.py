"""Refuses to publish what looks wrong, before a row is written.

A run without movies, ratings or a ranking is never published. The gates in `GATES` compare
the new run with the current one; `--allow NAME` overrules one, and the run records that.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from spark_jobs.errors import JobError
from spark_jobs.input.advice import advice, out_of_range_advice
from spark_jobs.input.files import InputFile
from spark_jobs.input.formats.scale import Scale
from spark_jobs.input.rejection import Rejected, Verdicts
from spark_jobs.run_report import Figures
from spark_jobs.store.previous_run import FormerRun

REASONS_SHOWN = 5
ROWS_SHOWN = 2
LARGEST_OUTSIDE = 0.01
EXAMPLE_LENGTH = 80
LARGEST_DROP = 0.20
LARGEST_MOVE = 0.25
SMALLEST_REST = 0.60
GATES = {
    "movies_dropped": f"more than {LARGEST_DROP:.0%} fewer accepted movies",
    "ratings_dropped": f"more than {LARGEST_DROP:.0%} fewer accepted ratings",
    "prior_mean_moved": f"the prior mean moved by more than {LARGEST_MOVE} stars",
    "top_replaced": f"less than {SMALLEST_REST:.0%} of the former top 100 are left in the new one",
    "synthetic_over_real": "generated data would replace real ones",
}
"""Name of a gate -> what closes it."""


@dataclass(frozen=True)
class Limit:
    """How many movies, or ratings, may be rejected: a number, or a share of those read."""

    amount: float
    is_share: bool

    def __str__(self) -> str:
        return f"{self.amount * 100:g}%" if self.is_share else f"{self.amount:g} rows"

    def is_exceeded(self, rejected: int, read: int) -> bool:
        return rejected > (self.amount * read if self.is_share else self.amount)


def check_nothing_is_empty(
    figures: Figures, rejected_movies: Rejected, rejected_ratings: Rejected
) -> None:
    """Raise JobError where publishing would leave the site without movies, ratings or a list."""
    kinds = {
        "movies": (figures.movies, rejected_movies, figures.source.movies),
        "ratings": (figures.ratings, rejected_ratings, figures.source.ratings),
    }
    for kind, (verdicts, rejected, files) in kinds.items():
        if not verdicts.accepted:
            raise JobError(
                f"nothing to publish: none of the {verdicts.read:,} {kind} counts "
                f"({_reasons(verdicts)}){_first_rows(rejected)}; {advice(kind, files, rejected)}"
            )
    if not figures.movies_ranked:
        raise JobError(
            f"nothing to publish: no movie has {figures.min_ratings} ratings or more; "
            "lower --min-ratings"
        )


def check_scale(figures: Figures, rejected: Rejected, scale: Scale) -> None:
    """Raise JobError where the operator named a scale that the ratings contradict."""
    if not scale.rounded:
        return
    read, outside = figures.ratings.read, rejected.counts["rating_out_of_range"]
    if outside > LARGEST_OUTSIDE * read:
        raise JobError(
            f"nothing was published: --scale {scale} does not fit, {outside:,} of {read:,} ratings "
            f"lie outside of it{_first_rows(rejected, 'rating_out_of_range')}; "
            f"{out_of_range_advice(figures.source.ratings, rejected)}"
        )
    half = len(figures.totals.by_half_stars) // 2
    if figures.ratings.accepted and not sum(figures.totals.by_half_stars[half:]):
        raise JobError(
            f"nothing was published: --scale {scale} does not fit, none of the "
            f"{figures.ratings.accepted:,} ratings is above the middle of the scale; name the "
            "scale that they have (without --scale it is 0.5-5)"
        )


def check_rejected(
    kind: str,
    verdicts: Verdicts,
    rejected: Rejected,
    limit: Limit,
    files: Iterable[InputFile],
) -> None:
    """Raise JobError where more rows of a kind, movies or ratings, were rejected than allowed.

    The message names the commonest reasons, each with an example, and what would help.
    """
    bad = sum(verdicts.rejected.values())
    if limit.is_exceeded(bad, verdicts.read):
        raise JobError(
            f"nothing was published: {bad:,} of {verdicts.read:,} {kind} were rejected "
            f"({_commonest(rejected)}); {advice(kind, files, rejected)}; mend the input, or allow "
            f"more than {limit} with --max-rejected"
        )


def check_against_former(
    figures: Figures, former: FormerRun, allowed: Collection[str]
) -> dict[str, str]:
    """The gates that were closed but allowed, with their figures; JobError for the others."""
    closed = closed_gates(figures, former)
    refused = {name: detail for name, detail in closed.items() if name not in allowed}
    if refused:
        listed = "; ".join(f"gate {name}: {detail}" for name, detail in refused.items())
        remedy = " ".join(f"--allow {name}" for name in refused)
        raise JobError(
            f"nothing was published, run {former.run} stays current: {listed} "
            f"(if that is right, run again with {remedy})"
        )
    return closed


def closed_gates(figures: Figures, former: FormerRun) -> dict[str, str]:
    """Name -> figures of each gate that the new run does not pass."""
    movies, ratings = figures.movies.accepted, figures.ratings.accepted
    mean = figures.totals.mean
    left = former.top & {row["movie_id"] for row in figures.top}
    tests = {
        "movies_dropped": (
            movies < (1 - LARGEST_DROP) * former.movies,
            f"{movies:,} accepted movies after {former.movies:,}",
        ),
        "ratings_dropped": (
            ratings < (1 - LARGEST_DROP) * former.ratings,
            f"{ratings:,} accepted ratings after {former.ratings:,}",
        ),
        "prior_mean_moved": (
            abs(mean - former.prior_mean) > LARGEST_MOVE,
            f"a prior mean of {mean:.3f} stars after {former.prior_mean:.3f}",
        ),
        "top_replaced": (
            len(left) < SMALLEST_REST * len(former.top),
            f"{len(left)} of the former top {len(former.top)} are left",
        ),
        "synthetic_over_real": (
            figures.source.synthetic and not former.synthetic,
            "the input is generated, the current run is not",
        ),
    }
    return {name: detail for name, (is_closed, detail) in tests.items() if is_closed}


def _commonest(rejected: Rejected) -> str:
    return "; ".join(
        f"{rows:,} {reason}, such as {_example(*rejected.sample[reason][0])}"
        for reason, rows in rejected.counts.most_common(REASONS_SHOWN)
    )


def _first_rows(rejected: Rejected, reason: str | None = None) -> str:
    """How some rejected rows look, of the commonest reason unless one is named."""
    if not rejected.counts:
        return ""
    sample = rejected.sample[reason or rejected.counts.most_common(1)[0][0]]
    rows = " and ".join(_example(*row) for row in sample[:ROWS_SHOWN])
    return f", such as {rows}"


def _example(file: str, raw: str) -> str:
    return f"{raw[:EXAMPLE_LENGTH]!r} in {file}"


def _reasons(verdicts: Verdicts) -> str:
    listed = [f"{rows:,} {reason}" for reason, rows in verdicts.rejected.items()]
    return ", ".join(listed) or "it has no rows"
