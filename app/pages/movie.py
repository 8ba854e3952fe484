"""/movies/<id>/: how a movie was rated, and how its score came about."""

from app.catalogue.movies import Explanation, movie_detail
from app.pages.charts import histogram, mark
from app.pages.page import Page, about, page
from app.serving.views import Query
from app.web.parameters import RunParams


@page(RunParams)
def movie(query: Query[RunParams], *, movie_id: int) -> Page:
    """The page of a movie."""
    found = movie_detail(query.version.curated, movie_id)
    context: dict[str, object] = {"movie": found}
    if found.explanation:
        context |= _explained(found.explanation) | {"bars": histogram(found.half_star_counts)}
    return Page("app/movie.html", about(query.version.run) | context)


def _explained(explanation: Explanation) -> dict[str, object]:
    return {
        "explained": explanation,
        "change": abs(explanation.rank_change or 0),
        "percent": round(100 * explanation.weight),
        "scale": {
            "C": mark(explanation.C),
            "R": mark(explanation.R),
            "weighted_rating": mark(explanation.weighted_rating),
        },
        "ticks": [mark(stars) for stars in range(1, 6)],
    }
