"""Bulk actions on the movies selected in a list, and the same for one movie from its row."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from app.admin.base import NumberedAdmin, is_key, signed_in
from app.admin.catalogue import version
from app.admin.curation.bulk_actions import BULK_ACTIONS, BulkAction
from app.admin.curation.confirmation import MOVIES, Confirmation, confirm_or_apply
from app.catalogue.columns import NONE
from app.curation.services import MOST_AT_ONCE
from app.models import Movie


class BulkActionsAdmin(NumberedAdmin):
    """A list of movies with the bulk actions of curation."""

    actions = tuple(BULK_ACTIONS)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The actions that the user may run. Django's "delete" is left out: nothing undoes it."""
        if IS_POPUP_VAR in request.GET:
            return {}
        may = signed_in(request).has_perms
        return {
            name: (partial(_run_on_selected, action=action), name, action.button)
            for name, action in BULK_ACTIONS.items()
            if may(action.rights)
        }

    def selected_ids(self, request: HttpRequest, rows: QuerySet[Any]) -> list[int]:
        """The selected movies, at most one more than may be changed at once."""
        return list(rows.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide)
        here = path("decide/<slug:action>/", decide, name="app_movie_decide")
        return [here, *super().get_urls()]

    def decide(self, request: HttpRequest, action: str) -> HttpResponse:
        """Run an action on the movies that the address or the confirmation page names."""
        bulk_action = BULK_ACTIONS.get(action)
        if bulk_action is None:
            raise Http404
        if not signed_in(request).has_perms(bulk_action.rights):
            raise PermissionDenied
        given = request.POST or request.GET
        keys = given.get("movies", "").split(",")[: MOST_AT_ONCE + 1]
        ids = dict.fromkeys(int(key) for key in keys if is_key(key))
        known = set(Movie.objects.filter(pk__in=ids).values_list("pk", flat=True))
        movie_ids = [id_ for id_ in ids if id_ in known]
        return self.confirm(request, bulk_action, movie_ids, back=request.GET.get("back", ""))

    def confirm(
        self, request: HttpRequest, action: BulkAction, ids: list[int], *, back: str
    ) -> HttpResponse:
        """The confirmation page, or the list once the user confirmed."""
        if not ids:
            messages.warning(request, gettext("No movies are selected, so nothing was changed."))
            return HttpResponseRedirect(reverse(MOVIES))
        make_plan = partial(action.plan, ids)
        return confirm_or_apply(Confirmation(self, request, action, make_plan, tuple(ids), back))


def _run_on_selected(
    model_admin: BulkActionsAdmin, request: HttpRequest, rows: QuerySet[Any], *, action: BulkAction
) -> HttpResponse | None:
    """What Django calls for an action of the list."""
    ids = model_admin.selected_ids(request, rows)
    if len(ids) > MOST_AT_ONCE:
        model_admin.message_user(request, _too_many(), messages.ERROR)
        return None
    ids.sort(key=_by_rank(request))
    return model_admin.confirm(request, action, ids, back=request.META["QUERY_STRING"])


def _by_rank(request: HttpRequest) -> Any:
    """A sort key that puts ids in the order of the list."""
    shown = version(request)
    if shown is None:
        return int
    columns = shown.catalogue.columns

    def key(movie_id: int) -> tuple[bool, int, float, int]:
        row = columns.row_of(movie_id)
        if row is None:
            return True, 0, 0.0, movie_id
        rank = columns.rank[row]
        return rank == NONE, rank, -columns.weighted_rating[row], movie_id

    return key


def _too_many() -> str:
    words = gettext(
        "More movies are selected than the %(most)d that can be changed at once, so nothing was "
        "changed. Search or filter for fewer."
    )
    return words % {"most": MOST_AT_ONCE}
