"""A run's figures for readers: its gates, its rejected rows, how good its lists are.

The dashboard and the page of a run show the same figures.
"""

from dataclasses import dataclass
from typing import Any, Literal

from app.catalogue.runs import PERSONAL, RunFigures
from app.pages.charts.intervals import IntervalChart, intervals
from app.runs.texts import GATES, KINDS, OF_QUALITY, REASONS, SPLITS, SYSTEMS
from app.serving.version import CatalogueVersion

OURS = (PERSONAL, "visitor")


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """Rows rejected for one reason; `share` is the percentage of the largest of these numbers."""

    kind: str
    reason: str
    sentence: str
    rows: int
    share: float


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate and how the run passed it."""

    name: str
    closes: str
    state: Literal["passed", "overruled", "not_compared"]
    figures: str
    """For an overruled gate, in the job's words."""


@dataclass(frozen=True, slots=True)
class Quality:
    """All ways to recommend, tested with the same ratings."""

    caption: str
    train: int
    test: int
    rows: list[dict[str, Any]]
    chart: IntervalChart


@dataclass(frozen=True, slots=True)
class VisitorQuality:
    """nDCG@10 of the lists for visitors, by the number of movies that they name."""

    picks: list[str]
    rows: list[tuple[str, int, list[dict[str, float]]]]
    """(label, users, an estimate for each number of picks)."""


def details(run: RunFigures, version: CatalogueVersion) -> dict[str, object]:
    """All of it, for the templates."""
    return {
        "rejected": rejected_rows(run),
        "gates": gates(run, version),
        "seconds": max(1, round((run.finished_at - run.started_at).total_seconds())),
        **measured(run),
    }


def rejected_rows(run: RunFigures) -> list[RejectedRows]:
    """The most first."""
    rows = [
        (count, kind, reason)
        for kind, reasons in run.rejected_by_reason.items()
        for reason, count in reasons.items()
        if count
    ]
    rows.sort(key=lambda row: (-row[0], *row[1:]))
    return [
        RejectedRows(
            str(KINDS.get(kind, kind)),
            reason,
            str(REASONS.get(reason, "")),
            count,
            round(100 * count / rows[0][0], 1),
        )
        for count, kind, reason in rows
    ]


def gates(run: RunFigures, version: CatalogueVersion) -> list[Gate]:
    """All gates; the very first run has nothing to be compared with."""
    is_first = run.id == version.runs[-1].id
    return [Gate(name, str(text), *_passed(run, name, is_first)) for name, text in GATES.items()]


def _passed(
    run: RunFigures, name: str, is_first: bool
) -> tuple[Literal["passed", "overruled", "not_compared"], str]:
    if name in run.overruled_gates:
        return "overruled", run.overruled_gates[name]
    if is_first or (name == OF_QUALITY and run.evaluation is None):
        return "not_compared", ""
    return "passed", ""


def measured(run: RunFigures) -> dict[str, object]:
    """How good the lists are, for the templates; empty if the run did not measure it."""
    if run.evaluation is None:
        return {}
    return {
        "evaluation": run.evaluation,
        "quality": _quality(run.evaluation),
        "visitors": _visitors(run.evaluation),
        "buckets": run.evaluation["rating_buckets"],
    }


def _quality(evaluation: dict[str, Any]) -> list[Quality]:
    """The systems of each split, under names for readers."""
    return [
        _split(str(caption), evaluation["splits"][name])
        for name, caption in SPLITS.items()
        if name in evaluation["splits"]
    ]


def _split(caption: str, split: dict[str, Any]) -> Quality:
    rows = [
        {"label": _label(one), "is_ours": one["name"] in OURS, **one} for one in split["systems"]
    ]
    estimates = [(one["label"], one["is_ours"], one["metrics"]["ndcg"]) for one in rows]
    return Quality(caption, split["train"], split["test"], rows, intervals(estimates))


def _visitors(evaluation: dict[str, Any]) -> VisitorQuality | None:
    found = evaluation["visitors"]
    if not found:
        return None
    picks = sorted({pick for one in found for pick in one["ndcg"]}, key=int)
    return VisitorQuality(
        picks,
        [(_label(one), one["users"], [one["ndcg"].get(n) for n in picks]) for one in found],
    )


def _label(system: dict[str, Any]) -> str:
    return str(SYSTEMS.get(system["name"], system["name"]))
