"""What a person sees: the step that runs, what it took, and the summary at the end."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from spark_jobs import signals
from spark_jobs.errors import JobError
from spark_jobs.input.rejection import Verdicts
from spark_jobs.run_report import Figures

TOP_SHOWN = 10


class Progress:
    """Announces each step, then says how long it took and what went in and came out."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.outcome = ""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        _print(f"{name:<10} ...")
        begun = time.perf_counter()
        self.outcome = ""
        yield
        self.seconds[name] = round(time.perf_counter() - begun, 3)
        _print(f"{name:<10} {self.seconds[name]:6.1f} s  {self.outcome}")

    def say(self, outcome: str) -> None:
        """The result of the running step."""
        self.outcome = outcome


def warn(message: str) -> None:
    """Something to look at that does not stop the job."""
    signals.tell(f"warning: {message}")


def _print(line: str) -> None:
    try:
        print(line, flush=True)
    except OSError as error:
        raise JobError(
            f"standard output cannot be written: {error.strerror}; {signals.outcome}"
        ) from error


def print_summary(figures: Figures, run: int | None, seconds: dict[str, float]) -> None:
    """A short table of the run; `run` is None where nothing was published."""
    synthetic = " (SYNTHETIC data)" if figures.source.synthetic else ""
    lines = {
        "run": "none (dry run)" if run is None else str(run),
        "input": f"{figures.source.prefix}{synthetic}",
        "ratings": _told(figures.ratings),
        "movies": _told(figures.movies),
        "prior mean C": f"{figures.totals.mean:.6f} stars",
        "prior weight m": f"{figures.prior_weight:g} ratings",
        "ranked": f"{figures.movies_ranked:,} movies with at least {figures.min_ratings} ratings"
        f", of {figures.totals.rated_movies:,} rated",
        "connection": _connection(figures.cipher),
        "overruled": ", ".join(figures.overruled_gates) or "no gate",
        "seconds": ", ".join(f"{step} {took:.1f}" for step, took in seconds.items()),
    }
    print()
    for name, value in lines.items():
        print(f"{name:<15} {value}")
    print()
    for row in figures.top[:TOP_SHOWN]:
        rank, score, ratings = row["rank"], row["weighted_rating"], row["rating_count"]
        print(f"{rank:>4}  {score:.6f}  {ratings:>9,}  {_name(row)}")
    print(flush=True)


def write_summary(path: str, figures: Figures, run: int | None, seconds: dict[str, float]) -> None:
    """The same for machines, as one JSON object."""
    summary = {
        "run": run,
        "started_at": figures.started_at.isoformat(),
        "input": figures.source.prefix,
        "input_fingerprint": figures.source.fingerprint,
        "synthetic": figures.source.synthetic,
        "parameters": figures.parameters,
        "versions": figures.versions,
        "movies": asdict(figures.movies),
        "ratings": asdict(figures.ratings),
        "movies_rated": figures.totals.rated_movies,
        "movies_ranked": figures.movies_ranked,
        "half_star_counts": figures.totals.by_half_stars,
        "prior_mean": figures.totals.mean,
        "prior_weight": figures.prior_weight,
        "min_ratings": figures.min_ratings,
        "encrypted": None if figures.cipher is None else bool(figures.cipher),
        "cipher": figures.cipher,
        "overruled_gates": figures.overruled_gates,
        "top": figures.top[:TOP_SHOWN],
        "seconds": seconds,
    }
    Path(path).write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


def _connection(cipher: str | None) -> str:
    if cipher is None:
        return "none over a network"
    return f"encrypted ({cipher})" if cipher else "NOT encrypted"


def _told(verdicts: Verdicts) -> str:
    reasons = ", ".join(f"{rows:,} {reason}" for reason, rows in verdicts.rejected.items())
    told = f"{verdicts.read:,} read, {verdicts.accepted:,} accepted"
    if verdicts.superseded:
        told += f", {verdicts.superseded:,} superseded by a later rating"
    rejected = sum(verdicts.rejected.values())
    return f"{told}, {rejected:,} rejected" + (f" ({reasons})" if reasons else "")


def _name(row: dict) -> str:
    return f"{row['title']} ({row['year']})" if row["year"] else row["title"]
