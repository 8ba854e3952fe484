"""What can be done about several movies of a list at once, or about one from its row."""

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
from app.admin.curation.confirmation import MOVIES, Asking, ask_or_do
from app.admin.curation.questions import QUESTIONS, Question
from app.catalogue.columns import NONE
from app.curation.services import MOST_AT_ONCE
from app.models import Movie


class Curating(NumberedAdmin):
    """A list of movies about which can be decided."""

    actions = tuple(QUESTIONS)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Those that the user has the rights for. None deletes: "withdraw" can be undone."""
        if IS_POPUP_VAR in request.GET:
            return {}
        may = signed_in(request).has_perms
        return {
            name: (partial(_act, question=one), name, one.button)
            for name, one in QUESTIONS.items()
            if may(one.rights)
        }

    def chosen_ids(self, request: HttpRequest, rows: QuerySet[Any]) -> list[int]:
        """Some more than may be changed at once, where there are as many."""
        return list(rows.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide)
        here = path("decide/<slug:action>/", decide, name="app_movie_decide")
        return [here, *super().get_urls()]

    def decide(self, request: HttpRequest, action: str) -> HttpResponse:
        """Ask about the movies that the address or the page that asked names."""
        question = QUESTIONS.get(action)
        if question is None:
            raise Http404
        if not signed_in(request).has_perms(question.rights):
            raise PermissionDenied
        given = request.POST or request.GET
        named = given.get("movies", "").split(",")[: MOST_AT_ONCE + 1]
        ids = dict.fromkeys(int(one) for one in named if is_key(one))
        there = set(Movie.objects.filter(pk__in=ids).values_list("pk", flat=True))
        found = [id_ for id_ in ids if id_ in there]
        return self.ask(request, question, found, back=request.GET.get("back", ""))

    def ask(
        self, request: HttpRequest, question: Question, ids: list[int], *, back: str
    ) -> HttpResponse:
        """The page that shows what would change, or what comes of it."""
        if not ids:
            messages.warning(request, gettext("No movie is chosen, and nothing was changed."))
            return HttpResponseRedirect(reverse(MOVIES))
        plan = partial(question.plan, ids)
        return ask_or_do(Asking(self, request, question, plan, tuple(ids), back))


def _act(
    page: Curating, request: HttpRequest, rows: QuerySet[Any], *, question: Question
) -> HttpResponse | None:
    """An action of the list."""
    ids = page.chosen_ids(request, rows)
    if len(ids) > MOST_AT_ONCE:
        page.message_user(request, _too_many(), messages.ERROR)
        return None
    ids.sort(key=_by_rank(request))
    return page.ask(request, question, ids, back=request.META["QUERY_STRING"])


def _by_rank(request: HttpRequest) -> Any:
    """A key that sorts ids as the list does."""
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
        "More movies are chosen than the %(most)d that can be changed at once, and nothing was "
        "changed. Search or filter for fewer."
    )
    return words % {"most": MOST_AT_ONCE}
