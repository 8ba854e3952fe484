"""What the operator sees: the running step, its duration, and the summary at the end."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from spark_jobs import signals, timeline
from spark_jobs.errors import JobError
from spark_jobs.evaluation.quality import Quality
from spark_jobs.input.rejection import RowCounts
from spark_jobs.model.ranking.weighted_rating import TopMovie
from spark_jobs.model.recommendations.model_facts import ModelFacts
from spark_jobs.run_report import RunReport

TOP_SHOWN = 10


class Progress:
    """Announces each step, then says how long it took and what went in and came out."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.outcome = ""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Announce the step and time it."""
        _print(f"{name:<10} ...")
        begun = time.perf_counter()
        self.outcome = ""
        with timeline.span(name):
            yield
        self.seconds[name] = round(time.perf_counter() - begun, 3)
        _print(f"{name:<10} {self.seconds[name]:6.1f} s  {self.outcome}")

    def note(self, line: str) -> None:
        """Print another line about the running step."""
        _print(f"{'':10}           {line}")

    def say(self, outcome: str) -> None:
        """Set the result of the running step."""
        self.outcome = outcome


def _print(line: str) -> None:
    try:
        print(line, flush=True)
    except OSError as error:
        raise JobError(
            f"standard output cannot be written: {error.strerror}; {signals.outcome}"
        ) from error


def print_summary(report: RunReport, run: int | None, seconds: dict[str, float]) -> None:
    """Print a short table of the run; `run` is None if nothing was published."""
    synthetic = " (SYNTHETIC data)" if report.source.synthetic else ""
    lines = {
        "run": "none (dry run)" if run is None else str(run),
        "input": f"{report.source.prefix}{synthetic}",
        "ratings": _counts(report.ratings),
        "movies": _counts(report.movies),
        **{kind: _counts(rows) for kind, rows in report.details.items()},
        "prior mean C": f"{report.totals.mean:.6f} stars",
        "prior weight m": f"{report.prior_weight:g} ratings{_estimated(report)}",
        "ranked": f"{report.movies_ranked:,} movies with at least {report.min_ratings} ratings"
        f", of {report.totals.rated_movies:,} rated",
        "models": _models(report.fitted_models),
        "quality": _quality(report.quality),
        "connection": _connection(report.cipher),
        "overruled": ", ".join(report.overruled_gates) or "no gate",
        "seconds": _seconds(seconds),
    }
    print()
    for name, value in lines.items():
        print(f"{name:<15} {value}")
    print()
    for row in report.top[:TOP_SHOWN]:
        rank, score, ratings = row["rank"], row["weighted_rating"], row["rating_count"]
        print(f"{rank:>4}  {score:.6f}  {ratings:>9,}  {_name(row)}")
    print(flush=True)


def write_summary(path: str, report: RunReport, run: int | None, seconds: dict[str, float]) -> None:
    """Write the same for machines, as one JSON object."""
    summary = {
        "run": run,
        "started_at": report.started_at.isoformat(),
        "input": report.source.prefix,
        "input_fingerprint": report.source.fingerprint,
        "synthetic": report.source.synthetic,
        "parameters": report.parameters,
        "versions": report.versions,
        "movies": asdict(report.movies),
        "ratings": asdict(report.ratings),
        **{kind: asdict(rows) for kind, rows in report.details.items()},
        "movies_rated": report.totals.rated_movies,
        "movies_ranked": report.movies_ranked,
        "half_star_counts": report.totals.by_half_stars,
        "prior_mean": report.totals.mean,
        "prior_weight": report.prior_weight,
        "min_ratings": report.min_ratings,
        "encrypted": None if report.cipher is None else bool(report.cipher),
        "cipher": report.cipher,
        "fitted_models": report.fitted_models,
        "evaluation": report.evaluation,
        "overruled_gates": report.overruled_gates,
        "top": report.top[:TOP_SHOWN],
        "seconds": seconds,
    }
    Path(path).write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


def _connection(cipher: str | None) -> str:
    if cipher is None:
        return "none over a network"
    return f"encrypted ({cipher})" if cipher else "NOT encrypted"


def _estimated(report: RunReport) -> str:
    return ", estimated" if report.parameters.get("prior_weight_estimated") else ""


def _models(fitted: ModelFacts | None) -> str:
    if not fitted:
        return "none"
    return f"of {fitted['similar']['movies']:,} movies, lists for {fitted['users']:,} users"


def _seconds(seconds: dict[str, float]) -> str:
    steps = ", ".join(f"{step} {took:.1f}" for step, took in seconds.items())
    if "evaluate" not in seconds:
        return steps
    return f"{steps}; {seconds['evaluate'] / sum(seconds.values()):.0%} of that for the evaluation"


def _quality(found: Quality | None) -> str:
    if found is None:
        return "not measured"
    return f"nDCG@10 {found.ndcg:.3f} ({found.lower:.3f} to {found.upper:.3f}), personal lists"


def _counts(row_counts: RowCounts) -> str:
    reasons = ", ".join(f"{rows:,} {reason}" for reason, rows in row_counts.rejected.items())
    kept = f"{row_counts.read:,} read, {row_counts.accepted:,} accepted"
    if row_counts.superseded:
        kept += f", {row_counts.superseded:,} superseded by a later rating"
    rejected = sum(row_counts.rejected.values())
    return f"{kept}, {rejected:,} rejected" + (f" ({reasons})" if reasons else "")


def _name(movie: TopMovie) -> str:
    return f"{movie['title']} ({movie['year']})" if movie["year"] else movie["title"]
