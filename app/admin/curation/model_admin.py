"""The page of a decision. Decisions are listed in the list of movies, by a filter."""

from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from app.admin.base import NumberedAdmin, is_key, signed_in
from app.admin.curation.bulk_actions import BULK_ACTIONS
from app.admin.curation.confirmation import Confirmation, confirm_or_apply
from app.admin.curation.forms import CurationForm, MovieField, decision_now
from app.admin.rights import may_curate
from app.curation import services
from app.models import Curation, Movie

CHANGE_PAGE = "app_curation_change"


@admin.register(Curation)
class CurationAdmin(NumberedAdmin):
    """The page of a decision."""

    form = CurationForm
    fields = [
        "movie", "decision_now", "hidden", "pinned_position", "note", "public_note", "until",
        "version", "decided_by", "decided_at",
    ]  # fmt: skip
    actions = None
    autocomplete_fields = ["movie"]
    readonly_fields = ["decision_now", "decided_by", "decided_at"]

    def has_view_permission(self, request: HttpRequest, obj: Curation | None = None) -> bool:
        return may_curate(request) or super().has_view_permission(request, obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirects to the list of movies, filtered by decision."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:app_movie_changelist") + "?decision=any")

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        services.record_expiries()
        return super().changeform_view(request, *args, **options)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirects to the history of decisions, which has bulk actions, too, unlike Django's."""
        return HttpResponseRedirect(reverse("admin:app_movie_history", args=[object_id]))

    @admin.display(description=_("decision now"))
    def decision_now(self, row: Curation) -> str:
        return decision_now(row)

    def get_readonly_fields(self, request: HttpRequest, obj: Curation | None = None) -> list[str]:
        return ["movie", *self.readonly_fields] if obj else self.readonly_fields

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **options: Any
    ) -> ModelChoiceField | None:
        """The movie is the only foreign key of the form."""
        return super().formfield_for_foreignkey(
            db_field, request, **{"form_class": MovieField} | options
        )

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Curation | None:
        """A decision that was withdrawn since the form was made: nothing that was typed is lost."""
        found = cast("Curation | None", super().get_object(request, object_id, from_field))
        match = request.resolver_match
        if found or request.method != "POST" or not match or match.url_name != CHANGE_PAGE:
            return found
        movie = Movie.objects.filter(pk=object_id).first() if is_key(object_id) else None
        return Curation(movie=movie) if movie else None

    def save_model(
        self, request: HttpRequest, obj: Curation, form: ModelForm, change: bool
    ) -> None:
        services.apply(services.plan_decision(obj), user=signed_in(request))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Uses the confirmation page of bulk actions, which notices other curators' changes."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request, row):
            raise PermissionDenied
        if row is None:
            return super().delete_view(request, object_id, extra_context)  # says so
        plan = partial(services.plan_withdrawal, [row.pk])
        return confirm_or_apply(
            Confirmation(self, request, BULK_ACTIONS["withdraw"], plan, (row.pk,))
        )
