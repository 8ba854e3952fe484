"""What the list of the whole catalogue is narrowed by."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from app.admin.catalogue import version
from app.catalogue.decisions import Decisions
from app.catalogue.lists.whole import YEARS, decades
from app.models import Curation, CurationChange

WEEK = timedelta(days=7)
Choices = list[tuple[str, Any]]


class InMemory(admin.SimpleListFilter):
    """A filter that the list applies to the catalogue in memory, not to a table."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset

    def value(self) -> str | None:
        """One of the choices; what is none of them is no filter."""
        found = super().value()
        return found if found in {str(key) for key, _words in self.lookup_choices} else None


class DecisionFilter(InMemory):
    """What kind of decision is in force, or was until it ran out."""

    title = _("decision")
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [
            ("any", _("any")),
            ("hidden", _("hidden")),
            ("pinned", _("pinned")),
            ("noted", _("with a note")),
            ("expiring", _("expires within a week")),
            ("expired", _("expired")),
        ]


def decided_ids(kind: str | None, decisions: Decisions) -> set[int] | None:
    """The movies with such a decision; None for no filter."""
    if kind == "hidden":
        return set(decisions.hidden)
    if kind == "pinned":
        return {movie_id for _position, movie_id in decisions.pins}
    if kind == "any":
        pinned = {movie_id for _position, movie_id in decisions.pins}
        return _noted() | decisions.hidden | pinned
    if kind == "noted":
        return _noted()
    if kind == "expiring":
        soon = Curation.objects.active().filter(until__lte=timezone.now() + WEEK)
        return set(soon.values_list("pk", flat=True))
    if kind == "expired":
        ended = CurationChange.objects.filter(way=CurationChange.Way.EXPIRY, movie__curation=None)
        return set(ended.values_list("movie_id", flat=True))
    return None


def _noted() -> set[int]:
    return set(Curation.objects.filter(noted=True).values_list("pk", flat=True))


class MovedFilter(InMemory):
    """What the last run brought."""

    title = _("last run")
    parameter_name = "moved"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("entered", _("entered the ranking")), ("left", _("left the ranking"))]


class GenreFilter(InMemory):
    """Movies of one genre."""

    title = _("genre")
    parameter_name = "genre"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        shown = version(request)
        return [(name, _named(name)) for name in shown.genres] if shown else []


def _named(genre: str) -> str:
    """In the reader's language."""
    return render_to_string("admin/app/_genres.html", {"genres": [genre]})


class DecadeFilter(InMemory):
    """Movies of ten years."""

    title = _("decade")
    parameter_name = "decade"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        shown = version(request)
        found = decades(shown.catalogue) if shown else []
        return [(str(first), f"{first}–{first + YEARS - 1}") for first in found]
