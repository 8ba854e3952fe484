"""/ for browsers: one field that leads on, shelves of movies, what the last run changed."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from app.catalogue.lists.changes import changes
from app.catalogue.lists.ranking import ListedMovie
from app.catalogue.lists.shelves import Shelf, shelves
from app.pages.genres import genre_name
from app.pages.page import Page, PageView, about, page
from app.serving.catalogue_view import Query
from app.web.parameters import NoParams
from app.web.problems import NO_RUN, Problem


@dataclass(frozen=True, slots=True)
class ShownShelf:
    """A shelf with its name, why these movies are on it, and where there are more."""

    name: str
    reason: str
    more: str
    movies: list[ListedMovie]


class HomeView(PageView[NoParams]):
    """A first visit, before anything is published, is not an error."""

    def write_problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        """The page without a run, if there is none yet."""
        if problem.reason != NO_RUN:
            return super().write_problem(request, problem)
        response = render(request, "app/home.html")
        response["Cache-Control"] = "no-store"
        return response


@page(NoParams, HomeView)
def home(query: Query[NoParams]) -> Page:
    """The home page of a run."""
    query.version.check_rows()
    run, curated = query.version.run, query.version.curated
    context = {
        "shelves": [_shown(shelf) for shelf in shelves(curated)],
        "changes": changes(curated),
        "previous_run": curated.catalogue.previous_run,
    }
    return Page("app/home.html", about(run) | context)


def _shown(shelf: Shelf) -> ShownShelf:
    name, reason, query = _described(shelf)
    more = reverse("movies") + (f"?{urlencode(query)}" if query else "")
    return ShownShelf(name, reason, more, shelf.movies)


def _described(shelf: Shelf) -> tuple[str, str, dict[str, object]]:
    """(name, reason, parameters of the list that has more)."""
    match shelf.kind:
        case "trending":
            reason = _("What people have rated most in recent months.")
            return _("Rising of late"), reason, {"order": "trending", "min_ratings": 0}
        case "gems":
            reason = _(
                "Almost certainly good by the intervals of their scores, with fewer than "
                "%(count)s ratings."
            )
            reason %= {"count": number_format(shelf.below or 0)}
            return _("Hidden gems"), reason, {"order": "lower_bound"}
        case "genre":
            name = _("Best in %(genre)s") % {"genre": genre_name(shelf.genre or "")}
            return name, _("None of them is on a shelf above."), {"genre": shelf.genre}
        case "decade":
            first = shelf.decade or 0
            name = _("Best of the %(decade)ds") % {"decade": first}
            years = {"year_from": first, "year_to": first + 9}
            return name, _("Released from %(year_from)d to %(year_to)d.") % years, {**years}
        case _:
            return (
                _("Best of all"),
                _("The top of the ranking: movies that many people agree on."),
                {},
            )
