"""The curators' door. Catalogue and runs are the job's: here they can only be looked at."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from app.models import Curation, Movie, RejectedRow, Run

admin.site.site_header = _("Movie recommendations")
admin.site.site_title = _("Movie recommendations")
admin.site.index_title = _("Catalogue, curation and runs")


def _curator(request: HttpRequest) -> User:
    return cast(User, request.user)  # the admin lets nobody else in


class ReadOnly:
    """Written by the job alone."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CurationInline(admin.StackedInline):
    model = Curation
    readonly_fields = ["decided_by", "decided_at"]


@admin.register(Movie)
class MovieAdmin(admin.ModelAdmin):
    """The catalogue: find a movie, decide about it on its page."""

    list_display = ["title", "year", "movie_id", "genres", "decision"]
    list_filter = ["genres__genre"]
    search_fields = ["title"]
    search_help_text = _("Part of the title")
    fields = ["movie_id", "title", "year", "genres"]
    readonly_fields = ["movie_id", "title", "year", "genres"]
    inlines = [CurationInline]
    actions = ["hide", "withdraw"]
    list_select_related = ["curation"]
    ordering = ["title", "movie_id"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Movie | None = None) -> bool:
        return False

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
        for curation in formset.save(commit=False):
            curation.decided_by = _curator(request)
            curation.save()
        for curation in formset.deleted_objects:
            curation.delete()

    @admin.action(description=_("Hide from all lists"), permissions=["change"])
    def hide(self, request: HttpRequest, movies: QuerySet[Movie]) -> None:
        for movie in movies:
            Curation.objects.update_or_create(
                movie=movie,
                defaults={
                    "hidden": True,
                    "pinned_position": None,
                    "until": None,
                    "decided_by": _curator(request),
                },
            )

    @admin.action(description=_("Withdraw the curation"), permissions=["change"])
    def withdraw(self, request: HttpRequest, movies: QuerySet[Movie]) -> None:
        Curation.objects.filter(movie__in=movies).delete()


@admin.register(Curation)
class CurationAdmin(admin.ModelAdmin):
    """All decisions in one list."""

    list_display = ["movie", "decision", "note", "until", "decided_by", "decided_at"]
    list_filter = ["hidden", "decided_by"]
    list_select_related = ["movie", "decided_by"]
    search_fields = ["movie__title", "note"]
    autocomplete_fields = ["movie"]
    readonly_fields = ["decided_by", "decided_at"]

    def save_model(
        self, request: HttpRequest, obj: Curation, form: ModelForm, change: bool
    ) -> None:
        obj.decided_by = _curator(request)
        super().save_model(request, obj, form, change)


class RejectedRowInline(ReadOnly, admin.TabularInline):
    model = RejectedRow
    verbose_name_plural = _("rejected rows (a sample)")


@admin.register(Run)
class RunAdmin(ReadOnly, admin.ModelAdmin):
    """The history of the batch job."""

    list_display = [
        "id", "status", "finished_at", "ratings_accepted", "ratings_rejected", "movies_ranked",
        "prior_mean", "prior_weight", "synthetic",
    ]  # fmt: skip
    ordering = ["-id"]
    inlines = [RejectedRowInline]
