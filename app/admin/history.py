"""The history of all decisions, and the way back from each."""

from functools import partial

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from app.admin.confirmation import UNDO, ask_or_do
from app.admin.forms import in_words
from app.admin.rights import ANY_OF, may_curate
from app.admin.site import NumberedAdmin, ReadOnly, signed_in
from app.curation import services
from app.models import CurationChange


@admin.register(CurationChange)
class CurationChangeAdmin(ReadOnly, NumberedAdmin):
    """The history of all decisions, and the way back from each."""

    list_display = ["title", "what", "changed_by", "changed_at", "way_back"]
    list_display_links = None
    list_filter = ["way", "changed_by"]
    list_select_related = ["movie", "changed_by"]
    search_fields = ["movie__title"]
    ordering = ["-id"]
    fields = ["changed_at", "movie", "what", "way", "changed_by"]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_curate(request) or super().has_view_permission(request, obj)

    @admin.display(description=_("movie"))
    def title(self, change: CurationChange) -> str:
        return str(change.movie)

    @admin.display(description=_("change"))
    def what(self, change: CurationChange) -> str:
        kept = (change.before, change.after)
        return " → ".join(in_words(services.from_snapshot(change.movie_id, one)) for one in kept)

    @admin.display(description=_("way back"))
    def way_back(self, change: CurationChange) -> str:
        address = reverse("admin:app_curationchange_undo", args=[change.batch])
        return format_html('<a href="{}">{}</a>', address, gettext("Undo"))

    def get_urls(self) -> list[URLPattern]:
        undo = self.admin_site.admin_view(self.undo)
        return [
            path("undo/<slug:batch>/", undo, name="app_curationchange_undo"),
            *super().get_urls(),
        ]

    def undo(self, request: HttpRequest, batch: str) -> HttpResponse:
        """Put back what was changed in one go."""
        if not signed_in(request).has_perms(ANY_OF):
            raise PermissionDenied
        if not CurationChange.objects.filter(batch=batch).exists():
            raise Http404
        there = HttpResponseRedirect(reverse("admin:app_curationchange_changelist"))
        return ask_or_do(self, request, UNDO, partial(services.plan_undo, batch)) or there
