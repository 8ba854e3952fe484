"""The confirmation of a bulk change: what it would do to decisions and to readers' lists."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from app.admin.base import is_key, signed_in
from app.admin.catalogue import Effect, shown_now
from app.admin.curation.bulk_actions import BulkAction
from app.admin.words import PIN_STATES, change_in_words, in_words
from app.catalogue.columns import value
from app.catalogue.lists.ranking import MovieFilter
from app.curation import history, services
from app.curation.services import Change, Plan, RuleBroken
from app.models import Movie

READERS_PAGE = 50
MOVIES = "admin:app_movie_changelist"
UNDO = BulkAction(
    "", _("Restore these decisions as they were?"), _("Restore"), services.plan_undo, rights=()
)


@dataclass(frozen=True)
class Confirmation:
    """An action that a user has to confirm; `make_plan` takes the values of its form."""

    model_admin: admin.ModelAdmin
    request: HttpRequest
    action: BulkAction
    make_plan: Callable[..., Plan]
    movie_ids: tuple[int, ...] = ()
    back: str = ""
    """The query string of the list that the user came from."""
    list_name: str = MOVIES

    @property
    def list_address(self) -> str:
        """The list with the filters that it had."""
        filters = self.request.POST.get("back", self.back)
        address = reverse(self.list_name)
        return f"{address}?{filters}" if filters else address


def confirm_or_apply(confirmation: Confirmation) -> HttpResponse:
    """Show what would change; apply it once the user has confirmed exactly that."""
    request, form = confirmation.request, _form(confirmation)
    if form and not form.is_valid():
        return _page(confirmation, form, None)
    values = form.cleaned_data if form else {}
    if "confirmed" not in request.POST:
        services.record_expiries()
        return _page(confirmation, form, confirmation.make_plan(**values))
    try:
        with transaction.atomic():
            services.lock()
            plan = confirmation.make_plan(**values)
            if request.POST.get("version") != plan.version:
                messages.warning(request, _changed_meanwhile(request, plan))
                return _page(confirmation, form, plan)
            batch = services.apply(plan, user=signed_in(request))
    except RuleBroken as error:  # such as an end that has passed since the page was made
        messages.error(request, str(error))
        return HttpResponseRedirect(confirmation.list_address)
    if plan.changes:
        messages.success(request, _done(plan, batch))
    return HttpResponseRedirect(confirmation.list_address)


def _form(confirmation: Confirmation) -> forms.Form | None:
    if confirmation.action.form is None:
        return None
    is_submitted = "submitted" in confirmation.request.POST
    return confirmation.action.form(confirmation.request.POST if is_submitted else None)


def _changed_meanwhile(request: HttpRequest, plan: Plan) -> str:
    """What others changed since the page was made: `seen` was the newest history entry then."""
    seen = request.POST.get("seen", "")
    ids = [*(one.movie_id for one in plan.changes), *plan.left]
    changes = history.changes_since(int(seen), ids) if is_key(seen) else []
    if not changes:
        return gettext("This has changed since you looked at it: please check it again.")
    notice = gettext("One of these decisions was changed in the meantime: check them again.")
    return " ".join([notice, *map(change_in_words, changes)])


def _page(
    confirmation: Confirmation, form: forms.Form | None, plan: Plan | None
) -> TemplateResponse:
    request, model_admin = confirmation.request, confirmation.model_admin
    ids = [*(one.movie_id for one in plan.changes), *plan.left] if plan else confirmation.movie_ids
    movies = Movie.objects.in_bulk(ids)
    curated = shown_now(request)
    effect = Effect(curated, plan.changes) if curated and plan else None
    context = model_admin.admin_site.each_context(request) | {
        "opts": model_admin.opts,
        "title": confirmation.action.title,
        "action": confirmation.action,
        "address": _address(confirmation),
        "form": form,
        "plan": plan,
        "version": plan.version if plan else "",
        "seen": history.newest_entry(),
        "back": request.POST.get("back", confirmation.back),
        "list_address": confirmation.list_address,
        "movies": ",".join(map(str, confirmation.movie_ids)),
        "chosen": [movies[id_] for id_ in confirmation.movie_ids if id_ in movies],
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
        template = "admin/app/preview.html"
    return TemplateResponse(request, template, context)


def _address(confirmation: Confirmation) -> str:
    """Where the page's form is sent."""
    if confirmation.action.name:
        return reverse("admin:app_movie_decide", args=[confirmation.action.name])
    return confirmation.request.get_full_path()


def _changes(
    changes: Iterable[Change], movies: dict[int, Movie], effect: Effect | None
) -> list[dict[str, Any]]:
    """The rows of the page's table, in the order of the positions that readers see now."""
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
        "pin": PIN_STATES.get(effect.pins.get(movie_id, "stands")),
    }


def _loses(change: Change) -> bool:
    """Whether a pin, an end date or a note is lost."""
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
        id_: PIN_STATES[state]
        for id_, state in effect.pins.items()
        if state not in ("stands", "moved")
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
    """The message after a change, with a link to undo it."""
    count = len(plan.changes)
    words = ngettext("%(count)d decision was changed.", "%(count)d decisions were changed.", count)
    return format_html(
        '{} <a href="{}">{}</a>',
        words % {"count": count},
        reverse("admin:app_curationchange_undo", args=[batch]),
        gettext("Undo"),
    )
