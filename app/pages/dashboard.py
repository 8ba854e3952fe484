"""/dashboard/: what `/stats/` says, to be looked at: the run, its input, its ranking."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from app.catalogue.runs import RunFigures
from app.pages.charts import histogram
from app.pages.page import Page, about, page
from app.pages.ranking import head
from app.serving.views import Query
from app.web.parameters import RunParams

HISTORY = 10
SPLITS = {
    "temporal": _("Would the past have foretold the future? The last fifth of all ratings tests."),
    "random": _("As most published figures: a random quarter of each movie's ratings tests."),
}
SYSTEMS = {
    "personal": _("personal lists"),
    "ease": _("EASE"),
    "item_cosine": _("item cosine"),
    "trending": _("trending"),
    "popularity": _("most rated"),
    "weighted_rating": _("the ranking"),
}
"""Names of the job -> what a reader is told."""


@page(RunParams)
def dashboard(query: Query[RunParams]) -> Page:
    """The page of a run."""
    run = query.version.run
    context = {
        **head(query.version),
        "bars": histogram(run.half_star_counts),
        "rejected": _rejected(run),
        "history": query.version.runs[:HISTORY],
        "quality": _quality(run.evaluation),
    }
    return Page("app/dashboard.html", about(run) | context)


def _rejected(run: RunFigures) -> list[tuple[str, str, int]]:
    """(movies or ratings, reason, rows), the most first."""
    rows = [
        (kind, reason, count)
        for kind, reasons in run.rejected_by_reason.items()
        for reason, count in reasons.items()
    ]
    return sorted(rows, key=lambda row: -row[2])


def _quality(evaluation: dict[str, Any] | None) -> list[dict[str, Any]]:
    """A table for each split that was made, its systems under names for readers."""
    splits = evaluation["splits"] if evaluation else {}
    return [
        {"caption": caption, "rows": _systems(splits[name])}
        for name, caption in SPLITS.items()
        if name in splits
    ]


def _systems(split: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"label": SYSTEMS.get(system["name"], system["name"]), **system}
        for system in split["systems"]
    ]
