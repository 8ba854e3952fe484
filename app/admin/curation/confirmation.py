"""The page that shows what a change of several decisions will do, and asks before it is done."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from app.admin.base import is_key, signed_in
from app.admin.catalogue import Effect, shown_now
from app.admin.curation.questions import Question
from app.admin.words import in_words, told
from app.catalogue.columns import value
from app.catalogue.lists.positions import PinState
from app.catalogue.lists.ranking import MovieFilter
from app.curation import history, services
from app.curation.services import Change, Plan, RuleBroken
from app.models import Movie

READERS_PAGE = 50
MOVIES = "admin:app_movie_changelist"
UNDO = Question(
    "", _("Put these decisions back as they were?"), _("Put back"), services.plan_undo, rights=()
)
PINS: dict[PinState, str | Promise] = {
    "moved": _("the position is taken there, so it follows"),
    "unknown": _("is not in the catalogue"),
    "unrated": _("has no ratings in this run"),
    "filtered": _("does not pass the filter"),
    "beyond": _("the ranking is shorter than that"),
}
"""What became of a pin that does not stand at its position."""


@dataclass(frozen=True)
class Asking:
    """What is asked of whom; the plan is made of the values of the question's form."""

    page: admin.ModelAdmin
    request: HttpRequest
    question: Question
    make_plan: Callable[..., Plan]
    movie_ids: tuple[int, ...] = ()
    back: str = ""
    """The filters of the list that was come from."""
    list_name: str = MOVIES

    @property
    def list_address(self) -> str:
        """The list as it was filtered."""
        filters = self.request.POST.get("back", self.back)
        address = reverse(self.list_name)
        return f"{address}?{filters}" if filters else address


def ask_or_do(asking: Asking) -> HttpResponse:
    """Show what would happen, or make it happen once somebody agreed to exactly that."""
    request, form = asking.request, _form(asking)
    if form and not form.is_valid():
        return _ask(asking, form, None)
    values = form.cleaned_data if form else {}
    if "confirmed" not in request.POST:
        services.record_expiries()
        return _ask(asking, form, asking.make_plan(**values))
    try:
        with transaction.atomic():
            services.lock()
            plan = asking.make_plan(**values)
            if request.POST.get("version") != plan.version:
                messages.warning(request, _what_changed(request, plan))
                return _ask(asking, form, plan)
            batch = services.apply(plan, user=signed_in(request))
    except RuleBroken as error:  # an end that passed since the page was made
        messages.error(request, str(error))
        return HttpResponseRedirect(asking.list_address)
    if plan.changes:
        messages.success(request, _done(plan, batch))
    return HttpResponseRedirect(asking.list_address)


def _form(asking: Asking) -> forms.Form | None:
    if asking.question.form is None:
        return None
    is_filled_in = "asked" in asking.request.POST
    return asking.question.form(asking.request.POST if is_filled_in else None)


def _what_changed(request: HttpRequest, plan: Plan) -> str:
    """What others did since the page was made; they are told apart by the history's numbers."""
    seen = request.POST.get("seen", "")
    ids = [*(one.movie_id for one in plan.changes), *plan.left]
    changes = history.changes_since(int(seen), ids) if is_key(seen) else []
    if not changes:
        return gettext("This is not what you looked at before: look at it once more.")
    notice = gettext("Somebody changed one of these decisions meanwhile: look at it once more.")
    return " ".join([notice, *map(told, changes)])


def _ask(asking: Asking, form: forms.Form | None, plan: Plan | None) -> TemplateResponse:
    request, page = asking.request, asking.page
    ids = [*(one.movie_id for one in plan.changes), *plan.left] if plan else asking.movie_ids
    movies = Movie.objects.in_bulk(ids)
    curated = shown_now(request)
    effect = Effect(curated, plan.changes) if curated and plan else None
    context = page.admin_site.each_context(request) | {
        "opts": page.opts,
        "title": asking.question.words,
        "question": asking.question,
        "address": _address(asking),
        "form": form,
        "plan": plan,
        "version": plan.version if plan else "",
        "seen": history.newest_entry(),
        "back": request.POST.get("back", asking.back),
        "list_address": asking.list_address,
        "movies": ",".join(map(str, asking.movie_ids)),
        "chosen": [movies[id_] for id_ in asking.movie_ids if id_ in movies],
    }
    template = "admin/app/confirm.html"
    if plan:
        context |= {
            "changes": _changes(plan.changes, movies, effect),
            "left": [(movies[movie_id], reason) for movie_id, reason in plan.left.items()],
            **(effect.lengths if effect else {}),
        }
    if effect and "preview" in request.POST:
        context |= _preview(request, effect)
        template = "admin/app/readers.html"
    return TemplateResponse(request, template, context)


def _address(asking: Asking) -> str:
    """Where the page's form goes."""
    if asking.question.action:
        return reverse("admin:app_movie_decide", args=[asking.question.action])
    return asking.request.get_full_path()


def _changes(
    changes: Iterable[Change], movies: dict[int, Movie], effect: Effect | None
) -> list[dict[str, Any]]:
    """A row of the page's table for each, by the positions that readers see now."""
    rows = [
        {
            "movie": movies[one.movie_id],
            "before": in_words(one.before),
            "after": in_words(one.after),
            "loses": _loses(one),
            **(_places(one.movie_id, effect) if effect else {}),
        }
        for one in changes
    ]
    return sorted(rows, key=lambda row: (row.get("from") is None, row.get("from") or 0))


def _places(movie_id: int, effect: Effect) -> dict[str, Any]:
    columns = effect.catalogue.columns
    row = columns.row_of(movie_id)
    return {
        "rank": None if row is None else value(columns.rank[row]),
        "from": effect.positions_before.get(movie_id),
        "to": effect.positions_after.get(movie_id),
        "pin": PINS.get(effect.pins.get(movie_id, "stands")),
    }


def _loses(change: Change) -> bool:
    """Whether a pin, an end date or a note goes with it."""
    before, after = change.before, change.after
    return bool(before) and any(
        getattr(before, name) and not (after and getattr(after, name))
        for name in ("pinned_position", "until", "note", "public_note")
    )


def _preview(request: HttpRequest, effect: Effect) -> dict[str, Any]:
    """A page of the ranking as readers would see it."""
    typed = request.POST.get("preview", "")
    offset = int(typed) if is_key(typed) else 0
    found = effect.readers_list(MovieFilter(), limit=READERS_PAGE, offset=offset)
    touched = set(effect.movie_ids)
    pins = dict(effect.after.decisions.pins)
    absent = {
        id_: PINS[state] for id_, state in effect.pins.items() if state not in ("stands", "moved")
    }
    return {
        "readers": [(one, one.movie_id in touched) for one in found.movies],
        "count": found.count,
        "previous": max(offset - READERS_PAGE, 0) if offset else None,
        "next": offset + READERS_PAGE if offset + READERS_PAGE < found.count else None,
        "absent": [
            {"position": position, "movie": effect.after.title_of(id_), "why": absent[id_]}
            for position, id_ in pins.items()
            if id_ in absent
        ],
    }


def _done(plan: Plan, batch: str) -> str:
    """That it is done, and the way back."""
    count = len(plan.changes)
    words = ngettext("%(count)d decision was changed.", "%(count)d decisions were changed.", count)
    return format_html(
        '{} <a href="{}">{}</a>',
        words % {"count": count},
        reverse("admin:app_curationchange_undo", args=[batch]),
        gettext("Undo"),
    )
