"""The history of the batch job; it can only be looked at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from app.admin.site import NumberedAdmin, ReadOnly
from app.models import RejectedRow, Run


class RejectedRowInline(ReadOnly, admin.TabularInline):
    model = RejectedRow
    verbose_name_plural = _("rejected rows (a sample)")


@admin.register(Run)
class RunAdmin(ReadOnly, NumberedAdmin):
    list_display = [
        "id", "status", "finished_at", "ratings_accepted", "ratings_rejected", "movies_ranked",
        "prior_mean", "prior_weight", "synthetic",
    ]  # fmt: skip
    ordering = ["-id"]
    inlines = [RejectedRowInline]
