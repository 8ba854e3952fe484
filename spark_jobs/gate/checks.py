"""Refuse to publish what looks wrong, before a row is written.

A run without movies, ratings or a ranking is never published. The gates in `thresholds.py` compare
the new run with the current one; `--allow NAME` overrules one, and the run records that.
"""

from collections.abc import Collection, Iterable, Mapping

from spark_jobs.errors import JobError
from spark_jobs.evaluation.quality import Quality
from spark_jobs.gate.thresholds import (
    LARGEST_DROP,
    LARGEST_LOSS,
    LARGEST_MOVE,
    SMALLEST_REST,
    Limit,
)
from spark_jobs.input.advice import NAME_THE_SCALE, advice, out_of_range_advice
from spark_jobs.input.files.input_files import InputFile
from spark_jobs.input.formats.scale import Scale
from spark_jobs.input.rejection import Reason, Rejected, RowCounts
from spark_jobs.run_report import RunReport
from spark_jobs.store.previous_run import PreviousRun

REASONS_SHOWN = 5
ROWS_SHOWN = 2
LARGEST_OUTSIDE = 0.01
EXAMPLE_LENGTH = 80


def check_result(
    report: RunReport, rejected: Mapping[str, Rejected], *, scale: Scale, limit: Limit
) -> None:
    """Raise JobError if the result, by itself, is not fit to be published.

    `rejected` is by kind, movies and ratings.
    """
    check_nothing_is_empty(report, rejected["movies"], rejected["ratings"])
    check_scale(report, rejected["ratings"], scale)
    check_rejected("movies", report.movies, rejected["movies"], limit, report.source.movies)
    check_rejected("ratings", report.ratings, rejected["ratings"], limit, report.source.ratings)


def check_nothing_is_empty(
    report: RunReport, rejected_movies: Rejected, rejected_ratings: Rejected
) -> None:
    """Raise JobError if publishing would leave the site without movies, ratings or a list."""
    kinds = {
        "movies": (report.movies, rejected_movies, report.source.movies),
        "ratings": (report.ratings, rejected_ratings, report.source.ratings),
    }
    for kind, (row_counts, rejected, files) in kinds.items():
        if not row_counts.accepted:
            raise JobError(
                f"nothing to publish: none of the {row_counts.read:,} {kind} was accepted "
                f"({_reasons(row_counts)}){_first_rows(rejected)}; {advice(kind, files, rejected)}"
            )
    if not report.movies_ranked:
        raise JobError(
            f"nothing to publish: no movie has {report.min_ratings} ratings or more; "
            "lower --min-ratings"
        )


def check_scale(report: RunReport, rejected: Rejected, scale: Scale) -> None:
    """Raise JobError if the ratings contradict the scale that the operator gave."""
    if not scale.rounded:
        return
    read, outside = report.ratings.read, rejected.counts["rating_out_of_range"]
    if outside > LARGEST_OUTSIDE * read:
        raise JobError(
            f"nothing was published: --scale {scale} does not fit, {outside:,} of {read:,} ratings "
            f"are outside it{_first_rows(rejected, 'rating_out_of_range')}; "
            f"{out_of_range_advice(report.source.ratings, rejected)}"
        )
    half = len(report.totals.by_half_stars) // 2
    if report.ratings.accepted and not sum(report.totals.by_half_stars[half:]):
        raise JobError(
            f"nothing was published: --scale {scale} does not fit, none of the "
            f"{report.ratings.accepted:,} ratings is above the middle of the scale; "
            f"{NAME_THE_SCALE}"
        )


def check_rejected(
    kind: str,
    row_counts: RowCounts,
    rejected: Rejected,
    limit: Limit,
    files: Iterable[InputFile],
) -> None:
    """Raise JobError if more rows of a kind, movies or ratings, were rejected than allowed.

    The message gives the most common reasons, each with an example, and a remedy.
    """
    bad = sum(row_counts.rejected.values())
    if limit.is_exceeded(bad, row_counts.read):
        raise JobError(
            f"nothing was published: {bad:,} of {row_counts.read:,} {kind} were rejected "
            f"({_commonest(rejected)}); {advice(kind, files, rejected)}; fix the input, or allow "
            f"more than {limit} with --max-rejected"
        )


def check_against_previous(
    report: RunReport, previous: PreviousRun, allowed: Collection[str]
) -> dict[str, str]:
    """The closed gates that were allowed, with their figures. JobError for any other."""
    closed = closed_gates(report, previous)
    refused = {name: detail for name, detail in closed.items() if name not in allowed}
    if refused:
        listed = "; ".join(f"gate {name}: {detail}" for name, detail in refused.items())
        remedy = " ".join(f"--allow {name}" for name in refused)
        raise JobError(
            f"nothing was published, run {previous.run} stays current: {listed} "
            f"(if that is intended, run again with {remedy})"
        )
    return closed


def closed_gates(report: RunReport, previous: PreviousRun) -> dict[str, str]:
    """Name -> figures of each gate that the new run fails."""
    movies, ratings = report.movies.accepted, report.ratings.accepted
    mean = report.totals.mean
    left = previous.top & {row["movie_id"] for row in report.top}
    quality, was = report.quality, _comparable_quality(report, previous)
    tests = {
        "movies_dropped": (
            movies < (1 - LARGEST_DROP) * previous.movies,
            f"{movies:,} accepted movies after {previous.movies:,}",
        ),
        "ratings_dropped": (
            ratings < (1 - LARGEST_DROP) * previous.ratings,
            f"{ratings:,} accepted ratings after {previous.ratings:,}",
        ),
        "prior_mean_moved": (
            abs(mean - previous.prior_mean) > LARGEST_MOVE,
            f"a prior mean of {mean:.3f} stars after {previous.prior_mean:.3f}",
        ),
        "top_replaced": (
            len(left) < SMALLEST_REST * len(previous.top),
            f"{len(left)} of the previous top {len(previous.top)} are left",
        ),
        "quality_dropped": (
            is_loss(quality, was),
            f"an nDCG@10 of {quality.ndcg:.4f} after {was.ndcg:.4f}" if quality and was else "",
        ),
        "synthetic_over_real": (
            report.source.synthetic and not previous.synthetic,
            "the input is generated, the data of the current run is not",
        ),
    }
    return {name: detail for name, (is_closed, detail) in tests.items() if is_closed}


def is_loss(quality: Quality | None, previous: Quality | None) -> bool:
    """Whether the personal lists are worse by more than a tenth, and outside the interval.

    False if either run was not measured.
    """
    if quality is None or previous is None:
        return False
    return quality.ndcg < min((1 - LARGEST_LOSS) * previous.ndcg, previous.lower)


def _comparable_quality(report: RunReport, previous: PreviousRun) -> Quality | None:
    """The current run's quality, if measured like the new one's, on the same kind of data."""
    of_new = (report.source.synthetic, report.parameters.get("scale"))
    if not report.quality or not previous.quality or of_new != (previous.synthetic, previous.scale):
        return None
    return previous.quality if report.quality.kind == previous.quality.kind else None


def _commonest(rejected: Rejected) -> str:
    return "; ".join(
        f"{rows:,} {reason}, such as {_example(*rejected.sample[reason][0])}"
        for reason, rows in rejected.counts.most_common(REASONS_SHOWN)
    )


def _first_rows(rejected: Rejected, reason: Reason | None = None) -> str:
    """Examples of rejected rows, of the most common reason unless one is given."""
    if not rejected.counts:
        return ""
    sample = rejected.sample[reason or rejected.counts.most_common(1)[0][0]]
    rows = " and ".join(_example(*row) for row in sample[:ROWS_SHOWN])
    return f", such as {rows}"


def _example(file: str, raw: str) -> str:
    return f"{raw[:EXAMPLE_LENGTH]!r} in {file}"


def _reasons(row_counts: RowCounts) -> str:
    listed = [f"{rows:,} {reason}" for reason, rows in row_counts.rejected.items()]
    return ", ".join(listed) or "it has no rows"
