"""The history of all decisions, each of which can be undone."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from app.admin.base import NumberedAdmin, ReadOnly, UncountedChangeList, is_key, signed_in
from app.admin.catalogue import MOST_FOUND, list_context, version
from app.admin.curation.confirmation import UNDO, Confirmation, confirm_or_apply
from app.admin.rights import ANY_OF, may_curate
from app.admin.words import before_and_after
from app.catalogue.lists.whole import WholeFilter, whole_list
from app.curation import services
from app.models import CurationChange

HISTORY = "admin:app_curationchange_changelist"


class CuratorFilter(admin.SimpleListFilter):
    """The curators who have changed anything."""

    title = _("curator")
    parameter_name = "curator"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        theirs = CurationChange.objects.filter(changed_by=OuterRef("pk"))
        users = get_user_model().objects.filter(Exists(theirs)).order_by("username")
        return [(user.pk, user.get_username()) for user in users]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(changed_by=chosen) if chosen and is_key(chosen) else queryset


class HistoryMovieFilter(admin.SimpleListFilter):
    """One movie, named by the address: the links of the list of movies lead here."""

    title = _("movie")
    parameter_name = "movie"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        movie_id = self._movie_id(request)
        return [(movie_id, gettext("this movie"))] if movie_id else []

    def _movie_id(self, request: HttpRequest) -> str:
        given = request.GET.get(self.parameter_name, "")
        return given if is_key(given) else ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        movie_id = self._movie_id(request)
        return queryset.filter(movie_id=movie_id) if movie_id else queryset


@admin.register(CurationChange)
class CurationChangeAdmin(ReadOnly, NumberedAdmin):
    """The history of all decisions, each of which can be undone."""

    list_display = ["changed_at", "title", "what", "way", "changed_by", "undo_links"]
    list_display_links = None
    list_filter = [CuratorFilter, "way", HistoryMovieFilter]
    list_per_page = 50
    list_select_related = ["movie", "changed_by"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = ""
    sortable_by = ()
    search_fields = ["movie__title"]
    ordering = ["-id"]
    actions = None
    fields = ["changed_at", "movie", "what", "way", "changed_by"]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_curate(request) or super().has_view_permission(request, obj)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return UncountedChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        services.record_expiries()
        shown = list_context(gettext("History of curation"))
        return super().changelist_view(request, shown | (extra_context or {}))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the titles in memory; of a very common word only the best-ranked movies are found."""
        shown = version(request) if search_term else None
        if shown is None:
            return super().get_search_results(request, queryset, search_term)
        found = whole_list(shown.catalogue, WholeFilter(words=search_term))
        ids = [entry.movie_id for entry in found.entries(0, MOST_FOUND)]
        return queryset.filter(movie_id__in=ids), False

    @admin.display(description=_("movie"))
    def title(self, change: CurationChange) -> str:
        address = reverse("admin:app_movie_change", args=[change.movie_id])
        return format_html('<a href="{}" lang="en">{}</a>', address, change.movie)

    @admin.display(description=_("change"))
    def what(self, change: CurationChange) -> str:
        return before_and_after(change)

    @admin.display(description=_("undo"))
    def undo_links(self, change: CurationChange) -> str:
        """None for a decision that has expired."""
        if change.way == services.Way.EXPIRY:
            return ""
        batch = reverse("admin:app_curationchange_undo", args=[change.batch])
        links = [(f"{batch}?entry={change.pk}", gettext("Undo"))]
        if change.way != services.Way.FORM:
            links.append((batch, gettext("Undo all of it")))
        return format_html_join(" · ", '<a href="{}">{}</a>', links)

    def get_urls(self) -> list[URLPattern]:
        undo = self.admin_site.admin_view(self.undo)
        return [
            path("undo/<slug:batch>/", undo, name="app_curationchange_undo"),
            *super().get_urls(),
        ]

    def undo(self, request: HttpRequest, batch: str) -> HttpResponse:
        """Undo a batch of changes, or one entry of it."""
        if not signed_in(request).has_perms(ANY_OF):
            raise PermissionDenied
        typed = request.GET.get("entry", "")
        entry = int(typed) if is_key(typed) else None
        ids = CurationChange.objects.filter(batch=batch).values_list("id", flat=True)
        if entry not in {None, *ids} or not ids:
            raise Http404
        plan = partial(services.plan_undo, batch, entry)
        return confirm_or_apply(Confirmation(self, request, UNDO, plan, list_name=HISTORY))
