"""The list of movies in the admin: from the catalogue in memory, in the ranking's order."""

from typing import Any, cast

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import InvalidPage, Paginator
from django.http import HttpRequest

from app.admin.catalogue import version
from app.admin.movies.filters import (
    InMemoryFilter,
    decided_ids,
)
from app.admin.words import PIN_STATES
from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.lists.positions import PinState, pin_states
from app.catalogue.lists.ranking import MovieFilter
from app.catalogue.lists.whole import YEARS, CatalogueEntry, WholeFilter, WholeList, whole_list
from app.models import Movie

ROWS = "rows"
MANY_ROWS = 200
"""Rows of a long page, for bulk actions. Each has a checkbox: see DATA_UPLOAD_MAX_NUMBER_FIELDS."""


class MovieChangeList(ChangeList):
    """Django's list, but filtered in memory: the database is asked for the rows of a page."""

    absent: tuple[tuple[int, str, str], ...] = ()
    """(position, title, why) of pinned movies that readers do not see in this list."""

    def get_filters_params(self, params: Any = None) -> Any:
        """All but the number of rows on a page, which is not a filter."""
        filters = super().get_filters_params(params)
        filters.pop(ROWS, None)
        return filters

    @property
    def shows_many(self) -> bool:
        """Whether a page has `MANY_ROWS`, which can be selected all at once."""
        return bool(self.params.get(ROWS) == str(MANY_ROWS))

    @property
    def other_length(self) -> tuple[int, str] | None:
        """The other number of rows that a page can have, and its address; None if all fit."""
        few = self.model_admin.list_per_page
        if self.result_count <= few:
            return None
        if self.shows_many:
            return few, self.get_query_string({ROWS: None})
        return MANY_ROWS, self.get_query_string({ROWS: MANY_ROWS})

    def get_results(self, request: HttpRequest) -> None:
        if self.shows_many:
            self.list_per_page = MANY_ROWS
        shown = version(request)
        if shown is None:  # nothing is published: list what the tables hold
            super().get_results(request)
            return
        matching = self.matching(request, shown.curated)
        paginator = Paginator(range(matching.count), self.list_per_page)
        try:
            page = paginator.page(self.page_num)
        except InvalidPage as error:
            raise IncorrectLookupParameters from error
        start = (self.page_num - 1) * self.list_per_page
        states = pin_states(shown.curated)
        self.result_list = _movies(matching.entries(start, start + len(page.object_list)), states)
        self.result_count, self.full_result_count = matching.count, None
        self.show_full_result_count, self.show_admin_actions = False, True
        self.can_show_all, self.multi_page = False, paginator.num_pages > 1
        self.paginator = paginator
        self.absent = tuple(_absent(shown.curated, self._readers_filter()))

    def matching(self, request: HttpRequest, curated: CuratedCatalogue) -> WholeList:
        """All movies that the filters and the search leave."""
        chosen = self._chosen()
        decade = chosen.get("decade")
        wanted = WholeFilter(
            genre=chosen.get("genre"),
            decade=int(decade) if decade else None,
            words=self.query or None,
            moved=cast(Any, chosen.get("moved")),
            movie_ids=decided_ids(chosen.get("decision"), curated.decisions),
        )
        return whole_list(curated.catalogue, wanted)

    def _chosen(self) -> dict[str, str]:
        specs = (spec for spec in self.filter_specs if isinstance(spec, InMemoryFilter))
        return {str(spec.parameter_name): value for spec in specs if (value := spec.value())}

    def _readers_filter(self) -> MovieFilter:
        """The filters that the readers' lists have, too."""
        chosen = self._chosen()
        decade = int(chosen["decade"]) if "decade" in chosen else None
        return MovieFilter(
            genres=(chosen["genre"],) if "genre" in chosen else (),
            year_from=decade,
            year_to=decade and decade + YEARS - 1,
            words=self.query or None,
        )


def _movies(entries: list[CatalogueEntry], states: dict[int, PinState]) -> list[Movie]:
    rows = Movie.objects.select_related("curation__decided_by")
    movies = rows.in_bulk([entry.movie_id for entry in entries])
    listed = []
    for entry in entries:
        if movie := movies.get(entry.movie_id):
            vars(movie).update(entry=entry, pin=states.get(entry.movie_id))
            listed.append(movie)
    return listed


def _absent(curated: CuratedCatalogue, wanted: MovieFilter) -> Any:
    states = pin_states(curated, wanted)
    for position, movie_id in curated.decisions.pins:
        if states[movie_id] not in ("stands", "moved"):
            title, _year = curated.title_of(movie_id) or (str(movie_id), None)
            yield position, title, PIN_STATES[states[movie_id]]
