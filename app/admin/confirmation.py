"""The page that shows what a change of several decisions will do, and asks before it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from app.admin.forms import in_words
from app.admin.site import signed_in
from app.curation import services
from app.curation.services import Change, Plan
from app.models import Curation, Movie, RecommendationData, Run


@dataclass(frozen=True)
class Question:
    """How the page asks; `action` is the admin's, where the page is one of an action."""

    action: str
    words: str | Promise
    button: str | Promise


HIDE = Question("hide", _("Hide these movies from all lists?"), _("Hide"))
WITHDRAWAL = Question("withdraw", _("Withdraw these decisions?"), _("Withdraw"))
UNDO = Question("", _("Put these decisions back as they were?"), _("Put back"))


def ask_or_do(
    page: admin.ModelAdmin, request: HttpRequest, question: Question, make_plan: Callable[[], Plan]
) -> HttpResponse | None:
    """Show what would happen, or make it happen once somebody agreed to exactly that."""
    if "confirmed" not in request.POST:
        return _ask(page, request, question, make_plan())
    with transaction.atomic():
        services.lock()
        plan = make_plan()
        if request.POST.get("version") != plan.version:
            notice = _("Somebody changed one of these decisions meanwhile: look at it once more.")
            messages.warning(request, notice)
            return _ask(page, request, question, plan)
        batch = services.apply(plan, user=signed_in(request))
        _log(request, plan)
    if plan.changes:
        messages.success(request, _done(plan, batch))
    return None


def _ask(
    page: admin.ModelAdmin, request: HttpRequest, question: Question, plan: Plan
) -> TemplateResponse:
    movies = Movie.objects.in_bulk([*(one.movie_id for one in plan.changes), *plan.left])
    run = Run.objects.current().first()
    ranks = _ranks(run, list(movies))
    changes = [
        {
            "movie": movies[one.movie_id],
            "rank": ranks.get(one.movie_id),
            "before": in_words(one.before),
            "after": in_words(one.after),
            "loses": _loses(one),
        }
        for one in plan.changes
    ]
    context = page.admin_site.each_context(request) | {
        "opts": page.opts,
        "title": question.words,
        "question": question,
        "version": plan.version,
        "changes": sorted(changes, key=lambda one: (one["rank"] is None, one["rank"] or 0)),
        "left": [(movies[movie_id], reason) for movie_id, reason in plan.left.items()],
        "movies": ",".join(map(str, sorted(movies))),
        "first": next(iter(movies), ""),
        **_effect(run, plan, ranks),
    }
    return TemplateResponse(request, "admin/app/confirm.html", context)


def _ranks(run: Run | None, movie_ids: list[int]) -> dict[int, int]:
    rows = RecommendationData.objects.filter(run=run, movie_id__in=movie_ids, rank__isnull=False)
    return {id_: rank or 0 for id_, rank in rows.values_list("movie_id", "rank")} if run else {}


def _loses(change: Change) -> bool:
    """Whether a pin, an end date or a note goes with it."""
    before, after = change.before, change.after
    return bool(before) and any(
        getattr(before, name) and not (after and getattr(after, name))
        for name in ("pinned_position", "until", "note")
    )


def _effect(run: Run | None, plan: Plan, ranks: dict[int, int]) -> dict[str, int]:
    """How long the ranking is for readers, before and after."""
    if run is None:
        return {}
    hidden = Curation.objects.active().filter(hidden=True).values("movie_id")
    ranked = RecommendationData.objects.filter(run=run, rating_count__gte=run.min_ratings)
    before = run.movies_ranked - ranked.filter(movie_id__in=hidden).count()
    change = sum(
        _is_shown(one.after) - _is_shown(one.before)
        for one in plan.changes
        if one.movie_id in ranks
    )
    return {"ranked_before": before, "ranked_after": before + change}


def _is_shown(row: Curation | None) -> bool:
    return not (row and row.hidden and not row.is_expired)


def _log(request: HttpRequest, plan: Plan) -> None:
    """An entry for each movie, where its own history looks for them."""
    movies = Movie.objects.in_bulk([one.movie_id for one in plan.changes])
    kind = ContentType.objects.get_for_model(Movie)
    LogEntry.objects.bulk_create(
        LogEntry(
            user=signed_in(request),
            content_type=kind,
            object_id=str(one.movie_id),
            object_repr=str(movies[one.movie_id])[:200],
            action_flag=CHANGE,
            change_message=f"{in_words(one.before)} → {in_words(one.after)}",
        )
        for one in plan.changes
    )


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
