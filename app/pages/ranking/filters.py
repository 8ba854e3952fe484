"""The filters of a list as links: each active filter with its removal, and decades."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from app.catalogue.catalogue import Catalogue
from app.catalogue.orders import RANKING
from app.pages.genres import genre_name
from app.pages.ranking.form import is_decade
from app.web.parameters import RankingPageParams

OLDEST, NEWEST = 1870, 2100
YEARS = 10


@dataclass(frozen=True, slots=True)
class FilterLink:
    """A filter, and the query of the list with it, or without it if it is active."""

    label: str
    query: str
    is_active: bool = True


def active_filters(params: RankingPageParams) -> list[FilterLink]:
    """The active filters, each with the query of the list without it."""
    found: list[tuple[str, dict[str, object]]] = []
    if params.q:
        found.append((_("“%(words)s”") % {"words": params.q}, {"q": None}))
    found += [
        (_genre(name), {"genre": [other for other in params.genre if other != name]})
        for name in dict.fromkeys(params.genre)
    ]
    found += _years(params)
    if params.min_ratings:
        least = params.min_ratings
        label = ngettext("%(n)d rating or more", "%(n)d ratings or more", least) % {"n": least}
        found.append((label, {"min_ratings": None}))
    elif params.min_ratings == 0:
        found.append((_("However few ratings"), {"min_ratings": None}))
    return [FilterLink(label, with_changes(params, **changes)) for label, changes in found]


def _genre(name: str) -> str:
    if name.startswith("-"):
        return _("Not %(genre)s") % {"genre": genre_name(name[1:])}
    return genre_name(name)


def _years(params: RankingPageParams) -> list[tuple[str, dict[str, object]]]:
    first, last = params.year_from, params.year_to
    if first is not None and last is not None:
        label = _decade(first) if is_decade(str(first), str(last)) else f"{first}–{last}"
        return [(label, {"year_from": None, "year_to": None})]
    if first is not None:
        return [(_("From %(year)d") % {"year": first}, {"year_from": None})]
    if last is not None:
        return [(_("Until %(year)d") % {"year": last}, {"year_to": None})]
    return []


def decades(catalogue: Catalogue, params: RankingPageParams) -> list[FilterLink]:
    """The decades with movies in the ranking, the newest first; the active one removes itself."""
    eligible = catalogue.orderings[RANKING].eligible
    found = []
    for first in range(NEWEST - YEARS, OLDEST - 1, -YEARS):
        last = first + YEARS - 1
        if not catalogue.of_years(first, last, RANKING) & eligible:
            continue
        is_active = (params.year_from, params.year_to) == (first, last)
        years = (None, None) if is_active else (first, last)
        query = with_changes(params, year_from=years[0], year_to=years[1])
        found.append(FilterLink(_decade(first), query, is_active))
    return found


def _decade(first: int) -> str:
    return _("%(decade)ds") % {"decade": first}


def with_changes(params: RankingPageParams, **changes: object) -> str:
    """The query of another list, from its beginning and without a fixed version."""
    start = {"offset": 0, "version": None}
    return params.model_copy(update=start | changes).query


def without_filters(params: RankingPageParams) -> str:
    """The query of the whole list in the same order."""
    return with_changes(params, q=None, genre=[], year_from=None, year_to=None, min_ratings=None)
