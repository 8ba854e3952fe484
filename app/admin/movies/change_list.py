"""The list of movies in the admin: found in the catalogue in memory, in the ranking's order."""

from typing import Any, cast

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import InvalidPage, Paginator
from django.http import HttpRequest

from app.admin.catalogue import version
from app.admin.movies.filters import (
    InMemory,
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
"""Of a page for decisions about many; a tick each, so DATA_UPLOAD_MAX_NUMBER_FIELDS is above."""


class WholeChangeList(ChangeList):
    """The stock list, but found in the catalogue in memory: a page costs a query by its keys."""

    absent: tuple[tuple[int, str, str], ...] = ()
    """(position, title, why) of pinned movies that readers do not see in the same list."""

    def get_filters_params(self, params: Any = None) -> Any:
        """How many rows a page has is no filter."""
        found = super().get_filters_params(params)
        found.pop(ROWS, None)
        return found

    @property
    def shows_many(self) -> bool:
        """Whether a page has `MANY_ROWS`, all of which can be ticked at once."""
        return bool(self.params.get(ROWS) == str(MANY_ROWS))

    @property
    def other_length(self) -> tuple[int, str] | None:
        """How many rows a page could have instead, and its address; None where all fit anyway."""
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
        if shown is None:  # nothing was published: whatever there is, by the tables
            super().get_results(request)
            return
        found = self.found(request, shown.curated)
        paginator = Paginator(range(found.count), self.list_per_page)
        try:
            page = paginator.page(self.page_num)
        except InvalidPage as error:
            raise IncorrectLookupParameters from error
        start = (self.page_num - 1) * self.list_per_page
        states = pin_states(shown.curated)
        self.result_list = _movies(found.entries(start, start + len(page.object_list)), states)
        self.result_count, self.full_result_count = found.count, None
        self.show_full_result_count, self.show_admin_actions = False, True
        self.can_show_all, self.multi_page = False, paginator.num_pages > 1
        self.paginator = paginator
        self.absent = tuple(_absent(shown.curated, self._readers_filter()))

    def found(self, request: HttpRequest, curated: CuratedCatalogue) -> WholeList:
        """All movies that pass what is chosen and typed."""
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
        specs = (spec for spec in self.filter_specs if isinstance(spec, InMemory))
        return {str(spec.parameter_name): value for spec in specs if (value := spec.value())}

    def _readers_filter(self) -> MovieFilter:
        """The same for readers, as far as their lists can be narrowed so."""
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
    found = []
    for entry in entries:
        if movie := movies.get(entry.movie_id):
            vars(movie).update(entry=entry, pin=states.get(entry.movie_id))
            found.append(movie)
    return found


def _absent(curated: CuratedCatalogue, wanted: MovieFilter) -> Any:
    states = pin_states(curated, wanted)
    for position, movie_id in curated.decisions.pins:
        if states[movie_id] not in ("stands", "moved"):
            title, _year = curated.title_of(movie_id) or (str(movie_id), None)
            yield position, title, PIN_STATES[states[movie_id]]
