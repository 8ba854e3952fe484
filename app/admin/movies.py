"""The catalogue in the admin: find a movie, decide about it on its page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from app.admin.bulk import Curating, DecisionFilter
from app.admin.forms import CurationForm, CurationFormSet, standing
from app.admin.rights import may_curate
from app.admin.site import signed_in
from app.curation import services
from app.models import Curation, Movie


class CurationInline(admin.StackedInline):
    model = Curation
    form = CurationForm
    formset = CurationFormSet
    fields = [
        "standing", "hidden", "pinned_position", "note", "until", "version", "decided_by",
        "decided_at",
    ]  # fmt: skip
    readonly_fields = ["standing", "decided_by", "decided_at"]

    def get_formset(
        self, request: HttpRequest, obj: Movie | None = None, **options: Any
    ) -> type[BaseInlineFormSet]:
        """One form, also to those who say that they sent a million: Django would make 1,001."""
        formset = super().get_formset(request, obj, **options)
        formset.absolute_max = 1
        return formset

    def has_view_permission(self, request: HttpRequest, obj: Movie | None = None) -> bool:
        return may_curate(request) or super().has_view_permission(request, obj)

    @admin.display(description=_("decision now"))
    def standing(self, row: Curation) -> str:
        return standing(row)


@admin.register(Movie)
class MovieAdmin(Curating):
    """The catalogue: find a movie, decide about it on its page."""

    list_display = ["title", "year", "movie_id", "genres", "decision"]
    list_filter = [DecisionFilter, "genres__genre"]
    search_fields = ["title"]
    search_help_text = _("Part of the title")
    fields = ["movie_id", "title", "year", "genres"]
    readonly_fields = ["movie_id", "title", "year", "genres"]
    inlines = [CurationInline]
    list_select_related = ["curation"]
    ordering = ["title", "movie_id"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Movie | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Movie | None = None) -> bool:
        """The page of a movie changes its decision, and nothing of the movie."""
        return may_curate(request)

    def has_view_permission(self, request: HttpRequest, obj: Movie | None = None) -> bool:
        """Who decides about movies has to find them."""
        return may_curate(request) or super().has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Movie]:
        return super().get_queryset(request).prefetch_related("genres")

    @admin.display(description=_("genres"))
    def genres(self, movie: Movie) -> str:
        return ", ".join(movie.genre_names)

    @admin.display(description=_("curation"))
    def decision(self, movie: Movie) -> str:
        curation = getattr(movie, "curation", None)
        return curation.decision if curation else ""

    def save_formset(
        self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool
    ) -> None:
        user = signed_in(request)
        for curation in formset.save(commit=False):
            services.apply(services.plan_decision(curation), user=user)
        withdrawn = [curation.pk for curation in formset.deleted_objects]
        if withdrawn:
            services.apply(services.plan_withdrawal(withdrawn, services.Way.FORM), user=user)
