"""The filters of the list of movies."""

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


class InMemoryFilter(admin.SimpleListFilter):
    """A filter that the list applies to the catalogue in memory, not to a table."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset

    def value(self) -> str | None:
        """One of the choices; anything else does not filter."""
        value = super().value()
        return value if value in {str(key) for key, _words in self.lookup_choices} else None


class DecisionFilter(InMemoryFilter):
    """The kind of decision that is in force, or was until it expired."""

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
    """The movies with a decision of this kind; None where no kind is chosen."""
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


class MovedFilter(InMemoryFilter):
    """Movies that entered or left the ranking with the last run."""

    title = _("last run")
    parameter_name = "moved"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("entered", _("entered the ranking")), ("left", _("left the ranking"))]


class GenreFilter(InMemoryFilter):
    """Movies of one genre."""

    title = _("genre")
    parameter_name = "genre"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        shown = version(request)
        return [(name, _in_words(name)) for name in shown.genres] if shown else []


def _in_words(genre: str) -> str:
    """The genre in the user's language."""
    return render_to_string("admin/app/_genres.html", {"genres": [genre]})


class DecadeFilter(InMemoryFilter):
    """Movies of one decade."""

    title = _("decade")
    parameter_name = "decade"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        shown = version(request)
        found = decades(shown.catalogue) if shown else []
        return [(str(first), f"{first}–{first + YEARS - 1}") for first in found]
