"""The runs of the batch job: shown, compared, made current, started. Their rows never change.

Every change goes through `app/runs/`, as with `manage.py runs`.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from app.admin.base import NumberedAdmin, ReadOnly, UncountedChangeList, is_key, signed_in
from app.admin.rights import ACTIVATE, START, VIEW_REJECTED
from app.admin.runs import figures, rejected_rows
from app.admin.runs.comparison import difference
from app.models import Run
from app.runs import lifecycle, locks, starting
from app.runs.errors import RunError

LIST = "admin:app_run_changelist"
PUBLISHED = (Run.Status.CURRENT, Run.Status.SUPERSEDED)


@admin.register(Run)
class RunAdmin(ReadOnly, NumberedAdmin):
    """The list of all runs, and a page for each with what an operator can do with it."""

    list_display = [
        "id", "status", "finished_at", "ratings_accepted", "rejected", "movies_ranked", "ndcg",
        "has_rows",
    ]  # fmt: skip
    list_filter = ["status"]
    list_per_page = 50
    ordering = ["-id"]
    show_full_result_count = False
    change_list_template = "admin/app/run/list.html"

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return UncountedChangeList

    @admin.display(description=_("rejected ratings"))
    def rejected(self, run: Run) -> int:
        return run.ratings_rejected

    @admin.display(description=_("nDCG@10"))
    def ndcg(self, run: Run) -> str:
        by_time = figures.personal_lists(run, "temporal")
        return by_time.text if by_time.value else figures.personal_lists(run, "random").text

    @admin.display(description=_("can be served"), boolean=True)
    def has_rows(self, run: Run) -> bool:
        return _is_kept(run)

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            ("start/", self.start, "start"),
            ("<int:run_id>/activate/", self.activate, "activate"),
            ("<int:run_id>/compare/", self.compare, "compare"),
            ("<int:run_id>/rejected/", self.rejected_rows, "rejected"),
            ("<int:run_id>/rejected.csv", self.rejected_csv, "rejected_csv"),
        ]
        own = [
            path(at, self.admin_site.admin_view(view), name=f"app_run_{name}")
            for at, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_start = starting.is_configured() and signed_in(request).has_perm(START)
        return super().changelist_view(request, {"may_start": may_start} | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of a run, which is not a form."""
        run = self.get_object(request, unquote(object_id))
        if not isinstance(run, Run):
            return super().change_view(request, object_id, form_url, extra_context)  # says so
        if not self.has_view_permission(request, run) or request.method == "POST":
            raise PermissionDenied
        may_activate = signed_in(request).has_perm(ACTIVATE)
        context = {
            "title": _run_title(run),
            "figures": figures.figures(run),
            "quality": figures.quality(run.evaluation),
            "gates": figures.gates(run) if run.status in PUBLISHED else [],
            "rejected": rejected_rows.by_reason(run),
            "others": _others(run) if _is_kept(run) else [],
            "may_activate": may_activate and _is_kept(run) and run.status != Run.Status.CURRENT,
            "may_see_rejected": signed_in(request).has_perm(VIEW_REJECTED),
        }
        return self._page(request, "detail", run, context)

    def rejected_rows(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The sample of the rows that the run rejected."""
        run = self._run(request, run_id, VIEW_REJECTED)
        context = rejected_rows.page(request, run) | {
            "title": gettext("Rejected rows of run %(run)d") % {"run": run.pk},
            "reasons": rejected_rows.by_reason(run),
        }
        return self._page(request, "rejected", run, context)

    def rejected_csv(self, request: HttpRequest, run_id: int) -> HttpResponseBase:
        """The sample as a CSV file."""
        return rejected_rows.download(request, self._run(request, run_id, VIEW_REJECTED))

    def compare(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The differences between this run and another kept one."""
        run = self._run(request, run_id)
        others = _others(run) if _is_kept(run) else []
        other = _chosen(request, others)
        curated = request.GET.get("curated", "1") != "0"
        context = {
            "title": gettext("Run %(run)d compared with another one") % {"run": run.pk},
            "others": others,
            "other": other,
            "curated": curated,
            "figures": figures.compared(other, run) if other else [],
            "difference": difference(other, run, curated=curated) if other else None,
        }
        return self._page(request, "compare", run, context)

    def activate(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Show what would change for readers; activate the run once the user has confirmed."""
        run = self._run(request, run_id, ACTIVATE)
        try:
            if request.method == "POST":
                return self._activated(request, run)
            lifecycle.refuse_activation(run.pk)
        except RunError as error:
            messages.error(request, _not_done(error))
            return HttpResponseRedirect(_page_of(run))
        current = Run.objects.current().first()
        context = {
            "title": gettext("Make run %(run)d the current one?") % {"run": run.pk},
            "current": current,
            "figures": figures.compared(current, run),
            "difference": difference(current, run, curated=True),
        }
        return self._page(request, "activate", run, context)

    def _activated(self, request: HttpRequest, run: Run) -> HttpResponse:
        """Raises RunError, also where another run became current since the page was made."""
        given = request.POST.get("instead_of", "")
        agreed = int(given) if is_key(given) else 0
        lifecycle.activate(run.pk, instead_of=agreed, user=signed_in(request))
        messages.success(request, _done(run, agreed))
        return HttpResponseRedirect(_page_of(run))

    def start(self, request: HttpRequest) -> HttpResponse:
        """The page that starts a run and shows its progress."""
        if not signed_in(request).has_perm(START):
            raise PermissionDenied
        if not starting.is_configured():
            raise Http404
        if request.method == "POST":
            try:
                starting.start(user=signed_in(request))
                messages.success(request, gettext("A run was started."))
            except RunError as error:
                messages.error(request, _not_done(error))
            return HttpResponseRedirect(reverse("admin:app_run_start"))
        return self._page(request, "start", None, {"title": gettext("Start a run"), **_work()})

    def _run(self, request: HttpRequest, run_id: int, *rights: str) -> Run:
        """The run. Raises PermissionDenied for users who lack one of the rights."""
        if not self.has_view_permission(request) or not signed_in(request).has_perms(rights):
            raise PermissionDenied
        run = self.get_object(request, str(run_id))
        if not isinstance(run, Run):
            raise Http404
        return run

    def _page(
        self, request: HttpRequest, name: str, run: Run | None, context: dict[str, Any]
    ) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "run": run}
        return TemplateResponse(request, f"admin/app/run/{name}.html", shared | context)


def _run_title(run: Run) -> str:
    words = gettext("Run %(run)d: %(status)s")
    return words % {"run": run.pk, "status": run.get_status_display()}


def _not_done(error: RunError) -> str:
    return gettext("Nothing was changed: %(why)s.") % {"why": error}


def _done(run: Run, previous: int) -> str:
    """The message after an activation, with a link to go back."""
    words = gettext("Run %(run)d is current. Readers see it within a second or two.")
    said = words % {"run": run.pk}
    if not previous:
        return said
    back = reverse("admin:app_run_activate", args=[previous])
    return format_html(
        '{} <a href="{}">{}</a>', said, back, gettext("Back to run %(run)d") % {"run": previous}
    )


def _page_of(run: Run) -> str:
    return reverse("admin:app_run_change", args=[run.pk])


def _is_kept(run: Run) -> bool:
    return run.status in PUBLISHED and run.purged_at is None


def _others(run: Run) -> list[Run]:
    """The kept runs that this one can be compared with, the newest first."""
    return list(Run.objects.kept().exclude(pk=run.pk).order_by("-id"))


def _chosen(request: HttpRequest, others: list[Run]) -> Run | None:
    """The run that the address names, else the current one, else the newest."""
    given = request.GET.get("with", "")
    wanted = [one for one in others if str(one.pk) == given]
    current = [one for one in others if one.status == Run.Status.CURRENT]
    return next(iter([*wanted, *current, *others]), None)


def _work() -> dict[str, Any]:
    """What is in progress: the command's output, and the run that a job is loading."""
    loading = Run.objects.filter(status=Run.Status.LOADING).order_by("-id").first()
    return {
        "progress": starting.progress(),
        "loading": loading,
        "is_alive": loading is not None and locks.is_publishing(),
        "newest": Run.objects.order_by("-id").first(),
    }
