"""/runs/: the history of the runs, one of them in full, and what changed between two."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from app.catalogue.lists.comparison import compare, moves
from app.catalogue.runs import RunFigures, personal_ndcg
from app.pages.page import Page, about, page
from app.pages.runs.details import details
from app.pages.runs.moves import KINDS, Moves, by_kind, changes
from app.serving.catalogue_view import Query
from app.serving.version import CatalogueVersion
from app.web.parameters import DifferenceParams, NoParams, RunHistoryParams

MOVES_SHOWN = 10
FIGURES = {
    "ratings": _("ratings"),
    "movies": _("movies"),
    "movies_rated": _("movies with ratings"),
    "movies_ranked": _("ranked movies"),
    "prior_mean": _("prior mean C, in stars"),
    "prior_weight": _("prior weight m, in ratings"),
    "min_ratings": _("minimum ratings of a ranked movie"),
}
"""Figures of a run that determine its ranking."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A run in the list; `before` is the kept run that it can be compared with."""

    run: RunFigures
    before: RunFigures | None
    ndcg: float | None
    """Of the personal lists, on the random split, which tests the most users."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that differs in the later run."""

    label: str
    before: float
    after: float


@page(RunHistoryParams)
def runs(query: Query[RunHistoryParams]) -> Page:
    """The page of the runs that are or were current, the newest first."""
    version, params = query.version, query.params
    found = version.runs_up_to(params.run)
    pinned = params.model_copy(update={"run": found[0].id})
    context = {
        "rows": [_history_row(run, version) for run in params.page(found)],
        "count": len(found),
        "next": pinned.next(len(found)),
        "previous": pinned.previous(len(found)),
    }
    return Page("app/runs.html", about(version.run) | context)


def _history_row(run: RunFigures, version: CatalogueVersion) -> HistoryRow:
    return HistoryRow(run, _kept_before(run, version), personal_ndcg(run.evaluation, "random"))


def _kept_before(run: RunFigures, version: CatalogueVersion) -> RunFigures | None:
    """The newest kept run before a kept one."""
    if not run.kept:
        return None
    return next((one for one in version.runs if one.kept and one.id < run.id), None)


@page(NoParams)
def run(query: Query[NoParams], *, run_id: int) -> Page:
    """The page of a run, even if its rows are gone."""
    version = query.version
    found = version.published_run(run_id)
    context = {
        "shown": found,
        "before": _kept_before(found, version),
        "parameters": _flat(found.parameters),
        "versions": _flat(found.versions),
        "models": _flat(found.fitted_models or {}),
        "curation": version.state.decisions.counts,
        **details(found, version),
    }
    return Page("app/run.html", about(version.run) | context)


def _flat(values: Mapping[str, object], prefix: str = "") -> list[tuple[str, object]]:
    """(name, value); nested values get names with dots."""
    found: list[tuple[str, object]] = []
    for name, value in sorted(values.items()):
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{name}.")
        else:
            found.append((f"{prefix}{name}", _shown(value)))
    return found


def _shown(value: object) -> object:
    """The value without insignificant digits."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"{value:.6g}" if isinstance(value, float) else value


@page(DifferenceParams)
def difference(query: Query[DifferenceParams], *, before: int, after: int) -> Page:
    """The page of what changed between two kept runs: all kinds in brief, or one in full."""
    version, params = query.version, query.params
    old, new = (version.of_run(run_id).curated for run_id in (before, after))
    found = compare(old, new)
    kinds = by_kind(found, old, new, most=0 if params.kind else MOVES_SHOWN)
    context: dict[str, object] = {
        "before": old.catalogue.run,
        "after": new.catalogue.run,
        "figures": _different(old.catalogue.run, new.catalogue.run),
        "kinds": kinds,
        "params": params,
    }
    if params.kind:
        some = changes(found, params.kind)
        one = Moves(
            params.kind, str(KINDS[params.kind]), len(some), moves(old, new, params.page(some))
        )
        context |= {
            "one": one,
            "next": params.next(len(some)),
            "previous": params.previous(len(some)),
        }
    return Page("app/run_diff.html", about(version.run) | context)


def _different(before: RunFigures, after: RunFigures) -> list[Figure]:
    pairs = [
        (label, getattr(before, name), getattr(after, name)) for name, label in FIGURES.items()
    ]
    return [Figure(str(label), old, new) for label, old, new in pairs if old != new]
