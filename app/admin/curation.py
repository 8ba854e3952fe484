"""Where curators decide: about a movie on its page, about several from a list.

Rights belong to what is changed: it takes those on curation, whatever the page. What concerns
several movies, or takes a decision away, asks first and shows what will happen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from app.admin.forms import CurationForm, CurationFormSet, in_words
from app.admin.site import NumberedAdmin, ReadOnly, is_key, signed_in
from app.curation import services
from app.curation.services import MOST_AT_ONCE, Change, Plan
from app.models import Curation, CurationChange, Movie, RecommendationData, Run

DECIDE = ("app.add_curation", "app.change_curation")
WITHDRAW = ("app.delete_curation",)
ANY_OF = (*DECIDE, *WITHDRAW)
CHANGE_PAGE = "app_curation_change"


def may_curate(request: HttpRequest) -> bool:
    """Whether the user may change any decision in any way."""
    return any(signed_in(request).has_perm(right) for right in ANY_OF)


@dataclass(frozen=True)
class Question:
    """How the page asks; `action` is the admin's, where the page is one of an action."""

    action: str
    words: Any
    button: Any


HIDE = Question("hide", _("Hide these movies from all lists?"), _("Hide"))
WITHDRAWAL = Question("withdraw", _("Withdraw these decisions?"), _("Withdraw"))
UNDO = Question("", _("Put these decisions back as they were?"), _("Put back"))


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


def _effect(run: Run | None, plan: Plan, ranks: dict[int, int]) -> dict[str, Any]:
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


def standing(row: Curation) -> str:
    """What holds now; the row of a form that was refused has what was typed."""
    return in_words(services.current([row.movie_id]).get(row.movie_id) if row.movie_id else None)


class CurationInline(admin.StackedInline):
    model = Curation
    form = CurationForm
    formset = CurationFormSet
    fields = [
        "standing", "hidden", "pinned_position", "note", "until", "version", "decided_by",
        "decided_at",
    ]  # fmt: skip
    readonly_fields = ["standing", "decided_by", "decided_at"]

    def has_view_permission(self, request: HttpRequest, obj: Movie | None = None) -> bool:
        return may_curate(request) or super().has_view_permission(request, obj)

    @admin.display(description=_("decision now"))
    def standing(self, row: Curation) -> str:
        return standing(row)


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


@admin.register(Curation)
class CurationAdmin(Curating):
    """All decisions in one list."""

    form = CurationForm
    fields = [
        "movie", "standing", "hidden", "pinned_position", "note", "until", "version",
        "decided_by", "decided_at",
    ]  # fmt: skip
    list_display = ["movie", "decision", "note", "until", "decided_by", "decided_at"]
    list_filter = [DecisionFilter, "decided_by"]
    list_select_related = ["movie", "decided_by"]
    search_fields = ["movie__title", "note"]
    autocomplete_fields = ["movie"]
    readonly_fields = ["standing", "decided_by", "decided_at"]

    def has_view_permission(self, request: HttpRequest, obj: Curation | None = None) -> bool:
        return may_curate(request) or super().has_view_permission(request, obj)

    @admin.display(description=_("decision now"))
    def standing(self, row: Curation) -> str:
        return standing(row)

    def get_readonly_fields(self, request: HttpRequest, obj: Curation | None = None) -> Any:
        return ["movie", *self.readonly_fields] if obj else self.readonly_fields

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Curation | None:
        """A form may come for a decision that was withdrawn meanwhile: nothing typed is lost."""
        found = super().get_object(request, object_id, from_field)
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
        """The page that asks is that of several movies: it notices other curators."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request, row):
            raise PermissionDenied
        if row is None:
            return super().delete_view(request, object_id, extra_context)  # says so
        there = HttpResponseRedirect(reverse("admin:app_curation_changelist"))
        plan = partial(services.plan_withdrawal, [row.pk])
        return ask_or_do(self, request, WITHDRAWAL, plan) or there


@admin.register(CurationChange)
class CurationChangeAdmin(ReadOnly, NumberedAdmin):
    """The history of all decisions, and the way back from each."""

    list_display = ["title", "what", "changed_by", "changed_at", "way_back"]
    list_display_links = None
    list_filter = ["way", "changed_by"]
    list_select_related = ["movie", "changed_by"]
    search_fields = ["movie__title"]
    ordering = ["-id"]
    fields = ["changed_at", "movie", "what", "way", "changed_by"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_curate(request) or super().has_view_permission(request, obj)

    @admin.display(description=_("movie"))
    def title(self, change: CurationChange) -> str:
        return str(change.movie)

    @admin.display(description=_("change"))
    def what(self, change: CurationChange) -> str:
        kept = (change.before, change.after)
        return " → ".join(in_words(services.from_snapshot(change.movie_id, one)) for one in kept)

    @admin.display(description=_("way back"))
    def way_back(self, change: CurationChange) -> str:
        address = reverse("admin:app_curationchange_undo", args=[change.batch])
        return format_html('<a href="{}">{}</a>', address, gettext("Undo"))

    def get_urls(self) -> list[URLPattern]:
        undo = self.admin_site.admin_view(self.undo)
        return [
            path("undo/<slug:batch>/", undo, name="app_curationchange_undo"),
            *super().get_urls(),
        ]

    def undo(self, request: HttpRequest, batch: str) -> HttpResponse:
        """Put back what was changed in one go."""
        if not signed_in(request).has_perms(ANY_OF):
            raise PermissionDenied
        if not CurationChange.objects.filter(batch=batch).exists():
            raise Http404
        there = HttpResponseRedirect(reverse("admin:app_curationchange_changelist"))
        return ask_or_do(self, request, UNDO, partial(services.plan_undo, batch)) or there
