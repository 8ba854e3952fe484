"""/dashboard/: what `/stats/` says, to be looked at: the run, its input, its ranking."""

from app.catalogue.runs import RunFigures
from app.pages.charts import histogram
from app.pages.page import Page, about, page
from app.pages.ranking import head
from app.serving.views import Query
from app.web.parameters import RunParams

HISTORY = 10


@page(RunParams)
def dashboard(query: Query[RunParams]) -> Page:
    """The page of a run."""
    run = query.version.run
    context = {
        **head(query.version),
        "bars": histogram(run.half_star_counts),
        "rejected": _rejected(run),
        "history": query.version.runs[:HISTORY],
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
