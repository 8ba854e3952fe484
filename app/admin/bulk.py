"""What can be done about several movies of a list at once."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from app.admin.confirmation import HIDE, WITHDRAWAL, Question, ask_or_do
from app.admin.rights import DECIDE, WITHDRAW
from app.admin.site import NumberedAdmin, is_key, signed_in
from app.curation import services
from app.curation.services import MOST_AT_ONCE, Plan
from app.models import Movie


class Curating(NumberedAdmin):
    """Lists of which several movies can be hidden, and decisions withdrawn."""

    actions = ["hide", "withdraw"]

    def movie_ids(self, rows: QuerySet[Any], most: int) -> list[int]:
        return list(rows.order_by("pk").values_list("pk", flat=True)[:most])

    def has_hide_permission(self, request: HttpRequest) -> bool:
        return signed_in(request).has_perms(DECIDE)

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return signed_in(request).has_perms(WITHDRAW)

    @admin.action(description=_("Hide from all lists"), permissions=["hide"])
    def hide(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self._ask_or_do(request, rows, HIDE, services.plan_hide)

    @admin.action(description=_("Withdraw the curation"), permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self._ask_or_do(request, rows, WITHDRAWAL, services.plan_withdrawal)

    def _ask_or_do(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        question: Question,
        make_plan: Callable[[list[int]], Plan],
    ) -> HttpResponse | None:
        if "movies" in request.POST:
            ids = _chosen(request)
        else:
            ids = self.movie_ids(rows, MOST_AT_ONCE + 1)
        if len(ids) > MOST_AT_ONCE:
            self.message_user(request, _too_many(rows.count()), messages.ERROR)
            return None
        return ask_or_do(self, request, question, partial(make_plan, ids))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # "withdraw" does it, and can be undone
        return actions


def _chosen(request: HttpRequest) -> list[int]:
    """The movies of the page that asked; its form has one field for all of them."""
    given = request.POST["movies"].split(",")[: MOST_AT_ONCE + 1]
    ids = [int(one) for one in given if is_key(one)]
    return list(Movie.objects.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))


def _too_many(count: int) -> str:
    words = gettext(
        "%(count)d movies are chosen, and nothing was changed: at most %(most)d can be changed at "
        "once. Search or filter for fewer."
    )
    return words % {"count": count, "most": MOST_AT_ONCE}


class DecisionFilter(admin.SimpleListFilter):
    """What kind of decision, and whether it is still in force."""

    title = _("decision")
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("hidden", _("hidden")),
            ("pinned", _("pinned")),
            ("noted", _("with a note")),
            ("expired", _("expired")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        way = "curation__" if queryset.model is Movie else ""
        now = timezone.now()
        in_force = Q(**{f"{way}until": None}) | Q(**{f"{way}until__gt": now})
        conditions = {
            "hidden": in_force & Q(**{f"{way}hidden": True}),
            "pinned": in_force & Q(**{f"{way}pinned_position__isnull": False}),
            "noted": Q(**{f"{way}note__gt": ""}),
            "expired": Q(**{f"{way}until__lte": now}),
        }
        wanted = conditions.get(self.value() or "")
        return queryset.filter(wanted) if wanted else queryset
