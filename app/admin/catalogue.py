"""The catalogue in memory, as curators see it: the tables are not queried for 90,000 movies."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from app.catalogue.catalogue import Catalogue, CuratedCatalogue
from app.catalogue.decisions import Decisions
from app.catalogue.lists.positions import PinState, pin_states, positions
from app.catalogue.lists.ranking import MovieFilter, MovieList, arrange, top_movies
from app.curation.services import Change
from app.models.runs import notice_of

if TYPE_CHECKING:
    from app.serving.version import CatalogueVersion

CACHED = "_catalogue_version"
"""Attribute of the request that keeps its version."""
MOST_FOUND = 500
"""Movies that a search passes on to the database."""


def version(request: HttpRequest) -> "CatalogueVersion | None":
    """The version that the site shows, the same throughout a request; None before the first run.

    Raises Problem (503) while it is being loaded.
    """
    # Commands load the admin, too, but need nothing of app.serving.
    from app.serving import watcher as watching  # noqa: PLC0415

    if not hasattr(request, CACHED):
        check = watching.watcher.check(now=True)
        setattr(request, CACHED, check.current() if check.published else None)
    found: CatalogueVersion | None = getattr(request, CACHED)
    return found


def list_context(title: str) -> dict[str, Any]:
    """The context of a list, without a query.

    The sidebar is off, so that the table has its width.
    """
    from app.serving import watcher as watching  # noqa: PLC0415

    shown = watching.watcher.last.version
    context: dict[str, Any] = {"title": title, "is_nav_sidebar_enabled": False}
    if shown:
        run = shown.current_run
        notice = notice_of(synthetic=run.synthetic, scale=run.scale)
        context["current_run"] = {"id": run.id, "notice": notice}
    return context


def shown_now(request: HttpRequest) -> CuratedCatalogue | None:
    """What the site shows, with the decisions as this transaction sees them."""
    from app.serving.state import read_decisions  # noqa: PLC0415

    found = version(request)
    return CuratedCatalogue.of(found.catalogue, read_decisions()) if found else None


@dataclass(frozen=True)
class Effect:
    """What changes of decisions would do to the ranking that readers see."""

    before: CuratedCatalogue
    changes: list[Change]

    @cached_property
    def after(self) -> CuratedCatalogue:
        return CuratedCatalogue.of(self.catalogue, decided(self.before.decisions, self.changes))

    @property
    def catalogue(self) -> Catalogue:
        return self.before.catalogue

    @cached_property
    def movie_ids(self) -> list[int]:
        return [one.movie_id for one in self.changes]

    @cached_property
    def positions_before(self) -> dict[int, int]:
        return positions(self.before, self.movie_ids)

    @cached_property
    def positions_after(self) -> dict[int, int]:
        return positions(self.after, self.movie_ids)

    @cached_property
    def pins(self) -> dict[int, PinState]:
        return pin_states(self.after)

    @property
    def lengths(self) -> dict[str, int]:
        """The length of the ranking, before and after."""
        lists = {"ranked_before": self.before, "ranked_after": self.after}
        return {name: arrange(one, MovieFilter()).count for name, one in lists.items()}

    def readers_list(self, wanted: MovieFilter, *, limit: int, offset: int) -> MovieList:
        """The ranking as it would be. Raises UnknownGenre."""
        return top_movies(self.after, wanted, limit=limit, offset=offset)


def decided(decisions: Decisions, changes: Iterable[Change]) -> Decisions:
    """Decisions as they would be after some changes."""
    touched = {one.movie_id for one in changes}
    rows = [one.after for one in changes if one.after and not one.after.is_expired]
    hidden = {row.movie_id for row in rows if row.hidden}
    pins = [(row.pinned_position, row.movie_id) for row in rows if row.pinned_position]
    notes = [(row.movie_id, row.public_note) for row in rows if row.public_note and not row.hidden]
    return replace(
        decisions,
        hidden=(decisions.hidden - touched) | hidden,
        pins=tuple(sorted([*(one for one in decisions.pins if one[1] not in touched), *pins])),
        notes=tuple(sorted([*(one for one in decisions.notes if one[0] not in touched), *notes])),
    )
