"""The index of the admin: the state of the site, what needs attention, the last decisions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from app.admin.base import signed_in
from app.admin.rights import DECIDE, EXPORT, START, VIEW_RUNS, WITHDRAW, may_curate
from app.admin.runs import figures
from app.admin.words import before_and_after
from app.models import Curation, CurationChange, Run
from app.runs import locks, starting
from app.runs.texts import GATES

NEWEST = 10
SHOWN = 5
SOON = timedelta(days=7)
LARGE_SHARE = 0.01
"""Of the ratings: where more than this are rejected, somebody should look."""


@dataclass(frozen=True)
class Trouble:
    """What is wrong, what to do about it, and where."""

    what: str
    remedy: str
    address: str = ""


def at_a_glance(request: HttpRequest, *, lacks_second_factor: bool) -> dict[str, Any]:
    """The context of the index, in four queries besides those of every page of the admin."""
    runs = list(Run.objects.order_by("-id")[:NEWEST])
    current = _current(runs)
    previous = next((one for one in runs if current and _came_before(one, current)), None)
    may_see_runs = signed_in(request).has_perm(VIEW_RUNS)
    sees_decisions = may_curate(request) or signed_in(request).has_perm(EXPORT)
    return {
        "current_run": current,
        "previous_run": previous,
        "age": timesince(current.finished_at) if current and current.finished_at else "",
        "figures": figures.compared(previous, current) if current else [],
        "rejected": figures.rejected(current)[:SHOWN] if current else [],
        "troubles": [*_troubles_of_user(lacks_second_factor), *_troubles(runs, current, previous)],
        "may_see_runs": may_see_runs,
        "may_export": signed_in(request).has_perm(EXPORT),
        "may_import": signed_in(request).has_perms((*DECIDE, *WITHDRAW)),
        "sees_decisions": sees_decisions,
        "expiring": _expiring() if sees_decisions else [],
        "decisions": _last_decisions() if sees_decisions else [],
        "may_start": starting.is_configured() and signed_in(request).has_perm(START),
    }


def _current(runs: list[Run]) -> Run | None:
    """The current run: one of the newest, unless somebody went far back."""
    found = next((one for one in runs if one.status == Run.Status.CURRENT), None)
    return found or Run.objects.current().first()


def _came_before(run: Run, current: Run) -> bool:
    return run.pk < current.pk and run.status == Run.Status.SUPERSEDED


def _expiring() -> list[Curation]:
    now = timezone.now()
    rows = Curation.objects.filter(until__gt=now, until__lte=now + SOON)
    return list(rows.select_related("movie").order_by("until")[:SHOWN])


def _last_decisions() -> list[dict[str, Any]]:
    changes = CurationChange.objects.select_related("movie", "changed_by").order_by("-id")[:SHOWN]
    return [{"change": one, "what": before_and_after(one)} for one in changes]


def _troubles_of_user(lacks_second_factor: bool) -> Iterator[Trouble]:
    """Switching second factors on locks nobody out, so users without one have to be told."""
    if lacks_second_factor:
        yield Trouble(
            _("Your account has no second factor: the password alone opens it."),
            _("Ask whoever runs this site to set one up: see docs/admin.md."),
        )


def _troubles(runs: list[Run], current: Run | None, previous: Run | None) -> Iterator[Trouble]:
    if current is None:
        yield Trouble(_("Nothing is published: readers see an empty site."), _("Run the job."))
    newest = runs[0] if runs else None
    if newest and newest.status == Run.Status.FAILED:
        words = _("Run %(run)d failed: %(error)s")
        remedy = _("Fix what it says, and run the job again. Readers still see the current run.")
        yield Trouble(words % {"run": newest.pk, "error": newest.error}, remedy, _address(newest))
    yield from _dead_loading(newest)
    if current:
        yield from _troubles_of(current, previous)


def _dead_loading(newest: Run | None) -> Iterator[Trouble]:
    if newest and newest.status == Run.Status.LOADING and not locks.is_publishing():
        words = _("The job that was loading run %(run)d ended without reporting an error.")
        remedy = _("Run the job again: it clears away what is left of this one.")
        yield Trouble(words % {"run": newest.pk}, remedy, _address(newest))


def _troubles_of(run: Run, previous: Run | None) -> Iterator[Trouble]:
    """What is wrong with the run that readers see."""
    hours = settings.RUN_MAX_AGE_HOURS
    if hours and run.finished_at and timezone.now() - run.finished_at > timedelta(hours=hours):
        words = _("The current run is older than %(hours)d hours.") % {"hours": hours}
        remedy = _("See why no newer run was published, or start one.")
        yield Trouble(words, remedy, _address(run))
    if run.overruled_gates:
        words = _("The run was published although a gate was closed: %(gates)s.")
        names = ", ".join(str(GATES.get(name, name)) for name in run.overruled_gates)
        yield Trouble(
            words % {"gates": names}, _("Check that its ranking is sound."), _address(run)
        )
    if run.ratings_rejected > LARGE_SHARE * run.ratings_read:
        words = _("The run rejected %(count)s of %(read)s ratings.")
        counts = {"count": f"{run.ratings_rejected:,}", "read": f"{run.ratings_read:,}"}
        remedy = _("See which rows they are, and fix the input.")
        yield Trouble(words % counts, remedy, _address(run))
    if run.encrypted is False:
        words = _("The job's connection to the database was not encrypted.")
        yield Trouble(words, _("Make the job connect with TLS: see docs/job.md."))
    yield from _worse(run, previous)


def _worse(run: Run, previous: Run | None) -> Iterator[Trouble]:
    for split in ("temporal", "random") if previous else ():
        then, now = (figures.personal_lists(one, split) for one in (previous, run) if one)
        if figures.verdict(then, now) == "down":
            words = _("The personal lists got worse: nDCG@10 fell from %(then)s to %(now)s.")
            remedy = _("Compare the two runs; the previous one can be made current again.")
            yield Trouble(words % {"then": then.text, "now": now.text}, remedy, _address(run))
            return


def _address(run: Run) -> str:
    return reverse("admin:app_run_change", args=[run.pk])
