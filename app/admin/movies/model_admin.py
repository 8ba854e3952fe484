"""The catalogue in the admin, in the ranking's order, where curators decide about movies."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, BaseModelFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from app.admin.base import signed_in
from app.admin.catalogue import MOST_FOUND, list_context, version
from app.admin.curation.bulk_actions import BULK_ACTIONS
from app.admin.curation.forms import CurationForm, CurationFormSet, decision_now
from app.admin.movies.bulk import BulkActionsAdmin
from app.admin.movies.change_list import MovieChangeList
from app.admin.movies.filters import (
    DecadeFilter,
    DecisionFilter,
    GenreFilter,
    MovedFilter,
)
from app.admin.rights import may_curate
from app.admin.words import PIN_STATES
from app.catalogue.lists.whole import CatalogueEntry, WholeFilter, whole_list
from app.curation import services
from app.curation.services import MOST_AT_ONCE
from app.models import Curation, Movie

ROW_ACTIONS = ("hide", "pin", "withdraw")


class CurationInline(admin.StackedInline):
    model = Curation
    form = CurationForm
    formset = CurationFormSet
    fields = [
        "decision_now", "hidden", "pinned_position", "note", "public_note", "until", "version",
        "decided_by", "decided_at",
    ]  # fmt: skip
    readonly_fields = ["decision_now", "decided_by", "decided_at"]

    def get_formset(
        self, request: HttpRequest, obj: Movie | None = None, **options: Any
    ) -> type[BaseInlineFormSet]:
        """One form, even where a request claims to send a million: Django would make 1,001."""
        formset = super().get_formset(request, obj, **options)
        formset.absolute_max = 1
        return formset

    def has_view_permission(self, request: HttpRequest, obj: Movie | None = None) -> bool:
        return may_curate(request) or super().has_view_permission(request, obj)

    @admin.display(description=_("decision now"))
    def decision_now(self, row: Curation) -> str:
        return decision_now(row)


@admin.register(Movie)
class MovieAdmin(BulkActionsAdmin):
    """The catalogue in the ranking's order, and decisions about one movie or several."""

    list_display = ["cover", "name", "about", "rank", "score", "ratings", "decision", "links"]
    list_display_links = ["name"]
    list_filter = [DecisionFilter, MovedFilter, DecadeFilter, GenreFilter]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = ""
    sortable_by = ()
    search_fields = ["title"]
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
        """The page of a movie changes the decision about it, never the movie."""
        return may_curate(request)

    def has_view_permission(self, request: HttpRequest, obj: Movie | None = None) -> bool:
        """Users who decide about movies have to find them; decisions are listed only here."""
        sees = signed_in(request).has_perm("app.view_curation")
        return sees or may_curate(request) or super().has_view_permission(request, obj)

    # The list

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return MovieChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        services.record_expiries()
        shown = list_context(gettext("Movies, in the order of the ranking"))
        return super().changelist_view(request, shown | (extra_context or {}))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search as the site does. The list has done so already; the autocomplete field has not."""
        shown = version(request)
        if shown is None:
            return super().get_search_results(request, queryset, search_term)
        if not search_term or self._is_list(request):
            return queryset, False
        found = whole_list(shown.catalogue, WholeFilter(words=search_term))
        ids = [entry.movie_id for entry in found.entries(0, MOST_FOUND)]
        return queryset.filter(pk__in=ids), False

    def _is_list(self, request: HttpRequest) -> bool:
        match = request.resolver_match
        return bool(match and match.url_name == "app_movie_changelist")

    def selected_ids(self, request: HttpRequest, rows: QuerySet[Any]) -> list[int]:
        shown = version(request)
        if shown is None or request.POST.get("select_across") != "1":
            return super().selected_ids(request, rows)
        changelist = cast(MovieChangeList, self.get_changelist_instance(request))
        entries = changelist.matching(request, shown.curated).entries(0, MOST_AT_ONCE + 1)
        return [entry.movie_id for entry in entries]

    @admin.display(description=_("cover"))
    def cover(self, movie: Movie) -> str:
        entry, row = _entry(movie), getattr(movie, "curation", None)
        if entry is None or (row and row.hidden):  # the site has no cover of these
            return ""
        return render_to_string("admin/app/_cover.html", {"entry": entry})

    @admin.display(description=_("movie"))
    def name(self, movie: Movie) -> str:
        return render_to_string("admin/app/_title.html", {"title": movie.title})

    @admin.display(description=_("rank"))
    def rank(self, movie: Movie) -> str:
        entry = _entry(movie)
        if entry is None or entry.rank is None:
            was = entry and entry.previous_rank
            return gettext("left, was %(rank)s") % {"rank": intcomma(was)} if was else "–"
        return format_html("{} {}", intcomma(entry.rank), _change(entry))

    @admin.display(description=_("score"))
    def score(self, movie: Movie) -> str:
        entry = _entry(movie)
        if entry is None or entry.weighted_rating is None:
            return "–"
        if entry.lower_bound is None or entry.upper_bound is None:
            return f"{entry.weighted_rating:.2f}"
        bounds = f"{entry.lower_bound:.2f}–{entry.upper_bound:.2f}"
        score = f"{entry.weighted_rating:.2f}"
        return format_html('{} <span class="interval">{}</span>', score, bounds)

    @admin.display(description=_("ratings"))
    def ratings(self, movie: Movie) -> str:
        entry = _entry(movie)
        return intcomma(entry.rating_count or 0) if entry else "–"

    @admin.display(description=_("genres"))
    def genres(self, movie: Movie) -> str:
        return render_to_string("admin/app/_genres.html", {"genres": movie.genre_names})

    @admin.display(description=_("year and genres"))
    def about(self, movie: Movie) -> str:
        entry = _entry(movie)
        names = entry.genres if entry else movie.genre_names
        return format_html(
            '<span class="year">{}</span> {}',
            movie.year or "",
            render_to_string("admin/app/_genres.html", {"genres": names}),
        )

    @admin.display(description=_("decision"))
    def decision(self, movie: Movie) -> str:
        row = getattr(movie, "curation", None)
        why = PIN_STATES.get(getattr(movie, "pin", None) or "stands")
        return render_to_string("admin/app/_decision.html", {"row": row, "why": why})

    @admin.display(description=_("decide"))
    def links(self, movie: Movie) -> str:
        """Links to the actions on this movie alone, and to its history."""
        is_decided = hasattr(movie, "curation")
        links = [
            (_decide_address(name, movie), BULK_ACTIONS[name].button)
            for name in ROW_ACTIONS
            if is_decided or name != "withdraw"
        ]
        links.append((reverse("admin:app_movie_history", args=[movie.pk]), gettext("History")))
        return format_html_join(" ", '<a href="{}">{}</a>', links)

    # The page of a movie

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        services.record_expiries()
        return super().changeform_view(request, *args, **options)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The history of decisions, which has bulk actions and imports, too, unlike Django's."""
        address = reverse("admin:app_curationchange_changelist")
        return HttpResponseRedirect(f"{address}?{urlencode({'movie': object_id})}")

    def save_model(self, request: HttpRequest, obj: Movie, form: ModelForm, change: bool) -> None:
        """Saves nothing: the movie belongs to the job, and the formset holds the decision."""

    def save_formset(
        self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool
    ) -> None:
        user = signed_in(request)
        for curation in formset.save(commit=False):
            services.apply(services.plan_decision(curation), user=user)
        withdrawn = [curation.pk for curation in formset.deleted_objects]
        if withdrawn:
            services.apply(services.plan_withdrawal(withdrawn, services.Way.FORM), user=user)


def _entry(movie: Movie) -> CatalogueEntry | None:
    return getattr(movie, "entry", None)


def _decide_address(action: str, movie: Movie) -> str:
    return f"{reverse('admin:app_movie_decide', args=[action])}?movies={movie.pk}"


def _change(entry: CatalogueEntry) -> str:
    """The change of rank: as an arrow, and in words for screen readers."""
    if entry.previous_rank is None or entry.rank is None:
        return ""
    places = entry.previous_rank - entry.rank
    if not places:
        return ""
    return format_html(
        '<span class="change {}"><span aria-hidden="true">{}</span>{}'
        '<span class="visually-hidden"> {}</span></span>',
        "up" if places > 0 else "down",
        "▲" if places > 0 else "▼",
        abs(places),
        gettext("places up") if places > 0 else gettext("places down"),
    )
