"""/dashboard/: a run in pictures, for readers who wonder whether to trust the ranking."""

from dataclasses import dataclass

from app.catalogue import statistics
from app.catalogue.catalogue import Catalogue, CuratedCatalogue
from app.catalogue.lists.comparison import since_previous_run
from app.catalogue.statistics import CountGroup, GenreFigures
from app.pages.charts import histogram
from app.pages.charts.scatter import Scatter, scatter
from app.pages.charts.years import years_chart
from app.pages.page import Page, about, page
from app.pages.runs.details import details
from app.pages.runs.moves import by_kind
from app.serving.catalogue_view import Query
from app.web.parameters import RunParams

DOTS = 400
MOVES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Genre:
    """A genre's figures, and the width of the bar of its ratings, in percent of the widest."""

    figures: GenreFigures
    share: float


@dataclass(frozen=True, slots=True)
class Group:
    """Movies with about as many ratings, and the percentage of the score that is their own."""

    figures: CountGroup
    own_percent: int


@page(RunParams)
def dashboard(query: Query[RunParams]) -> Page:
    """The page of a run."""
    version = query.version
    context = {
        "curation": version.state.decisions.counts,
        **details(version.run, version),
        **_ratings(version.catalogue),
        **_changes(version.curated),
    }
    return Page("app/dashboard.html", about(version.run) | context)


def _ratings(catalogue: Catalogue) -> dict[str, object]:
    """Figures of the ratings of all movies."""
    return {
        "bars": histogram(catalogue.run.half_star_counts),
        **years_chart(catalogue.ratings_by_year, catalogue.run),
        "scatter": _scatter(catalogue),
        "groups": _groups(catalogue),
        "genre_rows": _genres(catalogue),
    }


def _scatter(catalogue: Catalogue) -> Scatter | None:
    run, rows = catalogue.run, catalogue.orderings["rating_count"].rows
    return scatter(
        statistics.sample_means(catalogue.columns, rows, DOTS),
        prior_mean=run.prior_mean,
        prior_weight=run.prior_weight,
        floor=run.min_ratings,
    )


def _groups(catalogue: Catalogue) -> list[Group]:
    m = catalogue.run.prior_weight
    groups = statistics.count_groups(catalogue.columns)
    return [Group(one, round(100 * one.least / (one.least + m))) for one in groups]


def _genres(catalogue: Catalogue) -> list[Genre]:
    found = statistics.genre_figures(catalogue.columns)
    return [Genre(one, round(100 * one.ratings / found[0].ratings, 1)) for one in found]


def _changes(curated: CuratedCatalogue) -> dict[str, object]:
    """The largest moves since the run before; empty if no such run is kept."""
    found = since_previous_run(curated)
    if found is None:
        return {}
    previous_run = curated.catalogue.previous_run
    return {
        "previous_run": previous_run,
        "kinds": by_kind(found, curated, curated, most=MOVES_SHOWN),
    }
