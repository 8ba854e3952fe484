"""The figures of a run, formatted, alone or compared with those of another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from app.catalogue.runs import personal_estimate
from app.models import Run
from app.runs.texts import GATES, SPLITS, SYSTEMS

NOTHING = "–"


@dataclass(frozen=True)
class Figure:
    """A figure of a run; one of which more is better has its 90% interval."""

    label: str | Promise
    value: float | None
    digits: int = 0
    interval: tuple[float, float] | None = None

    @property
    def text(self) -> str:
        """Formatted for the language in use."""
        if self.value is None:
            return NOTHING
        rounded = round(self.value, self.digits)  # Django truncates
        return str(number_format(rounded, self.digits, force_grouping=True))


@dataclass(frozen=True)
class Compared:
    """A figure of two runs, and the change between them."""

    label: str | Promise
    before: str
    after: str
    change: str
    verdict: str
    """`up` or `down` where more is better and the change is more than chance, else empty."""


def figures(run: Run) -> list[Figure]:
    """The figures by which runs are compared."""
    return [
        Figure(_("Movies ranked"), run.movies_ranked),
        Figure(_("Movies accepted"), run.movies_accepted),
        Figure(_("Ratings accepted"), run.ratings_accepted),
        Figure(_("Rejected ratings"), run.ratings_rejected),
        Figure(_("Prior mean, in stars"), run.prior_mean, 3),
        Figure(_("Prior weight, in ratings"), run.prior_weight, 1),
        Figure(_("Least ratings to be ranked"), run.min_ratings),
        personal_lists(run, "temporal"),
        personal_lists(run, "random"),
    ]


def personal_lists(run: Run, split: str) -> Figure:
    """nDCG@10 of the personal lists in a split; without a value where it was not measured."""
    label = _("nDCG@10, split by time") if split == "temporal" else _("nDCG@10, split at random")
    found = personal_estimate(run.evaluation, split)
    if found is None:
        return Figure(label, None, 3)
    return Figure(label, found["mean"], 3, (found["lower"], found["upper"]))


def compared(before: Run | None, after: Run) -> list[Compared]:
    """The figures of two runs side by side."""
    later = figures(after)
    earlier = figures(before) if before else [Figure(one.label, None) for one in later]
    return [_compare(old, new) for old, new in zip(earlier, later, strict=True)]


def _compare(old: Figure, new: Figure) -> Compared:
    change = ""
    if old.value is not None and new.value is not None and old.text != new.text:
        difference = new.value - old.value
        sign = "+" if difference > 0 else "−"
        change = sign + Figure("", abs(difference), new.digits).text
    return Compared(new.label, old.text, new.text, change, verdict(old, new))


def verdict(old: Figure, new: Figure) -> str:
    """Whether a figure got better or worse; empty where the intervals overlap."""
    if old.interval is None or new.interval is None:
        return ""
    if new.interval[0] > old.interval[1]:
        return "up"
    return "down" if new.interval[1] < old.interval[0] else ""


def quality(evaluation: dict[str, Any] | None) -> list[dict[str, Any]]:
    """A table for each split that was measured, with the systems' names in words."""
    splits = evaluation["splits"] if evaluation else {}
    return [
        {"caption": caption, "rows": list(_systems(splits[name]))}
        for name, caption in SPLITS.items()
        if name in splits
    ]


def _systems(split: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for system in split["systems"]:
        yield {"label": SYSTEMS.get(system["name"], system["name"]), **system}


def gates(run: Run) -> list[dict[str, Any]]:
    """What closes each gate and, where the run was published all the same, the job's figures."""
    names = [*GATES, *(name for name in run.overruled_gates if name not in GATES)]
    return [
        {"closes": GATES.get(name, name), "overruled": run.overruled_gates.get(name)}
        for name in names
    ]


def rejected(run: Run) -> list[tuple[str, str, int]]:
    """(which rows, reason, how many), the most first."""
    rows = [
        (kind, reason, count)
        for kind, reasons in run.rejected_by_reason.items()
        for reason, count in reasons.items()
    ]
    return sorted(rows, key=lambda row: -row[2])
