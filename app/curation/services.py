"""All changes to decisions are made here, and keep the `rules`.

A change is planned, shown where a user has to confirm it, and applied: rows and history in one
transaction, in a constant number of queries for any number of movies. Code that plans in order to
apply holds the lock, so that no two curators change decisions at once.

The table holds the decisions in force. One whose end has passed no longer counts; the next request
that shows or changes decisions moves it into the history, dated at its end.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from app.curation.history import (
    DECIDED,
    as_kept,
    decided_values,
    is_as_kept,
    known_users,
    snapshot,
)
from app.curation.plans import Change as Change
from app.curation.plans import Plan as Plan
from app.curation.rules import contradictions
from app.models import Curation, CurationChange

MOST_AT_ONCE = 500
"""Movies that one bulk action may change."""
Way = CurationChange.Way


class RuleBroken(Exception):
    """Why nothing was changed, one line per rule."""


# Decisions in force


def lock() -> None:
    """Keep other curators out until the transaction ends, and move expired decisions away.

    SQLite needs no more than its transactions, which exclude each other. On MySQL it is a row
    that always exists: the decisions themselves may not be there yet.
    """
    kind = {"app_label": "app", "model": Curation._meta.model_name}
    list(ContentType.objects.select_for_update().filter(**kind))
    _put_ended_aside()


def record_expiries() -> None:
    """Move expired decisions into the history; takes one query where there are none."""
    if Curation.objects.ended().exists():
        with transaction.atomic():
            lock()


def _put_ended_aside() -> None:
    ended = list(Curation.objects.ended().order_by("until", "pk"))
    if not ended:
        return
    batch = uuid4().hex
    CurationChange.objects.bulk_create(
        CurationChange(
            batch=batch,
            movie_id=row.movie_id,
            way=Way.EXPIRY,
            changed_at=row.until or timezone.now(),
            before=snapshot(row),
        )
        for row in ended
    )
    Curation.objects.filter(pk__in=[row.pk for row in ended]).delete()


def current(movie_ids: Collection[int]) -> dict[int, Curation]:
    """The decisions in force about these movies."""
    rows = Curation.objects.active().filter(pk__in=movie_ids).select_related("decided_by")
    return {row.movie_id: row for row in rows}


# Positions


def _without_clashes(plan: Plan) -> Plan:
    """Leave the movies unchanged whose position another movie keeps."""
    wanted = {one.pin for one in plan.changes} - {None}
    rows = Curation.objects.active().filter(pinned_position__in=wanted).select_related("movie")
    holders = {row.pinned_position: row for row in rows} if wanted else {}
    while True:
        touched = {one.movie_id for one in plan.changes}
        taken = {at: row for at, row in holders.items() if row.movie_id not in touched}
        clashing = [one for one in plan.changes if one.pin in taken]
        if not clashing:
            return plan
        words = _("position %(position)d is taken by “%(movie)s”")
        reasons = {
            one.movie_id: words % {"position": one.pin, "movie": taken[one.pin].movie}
            for one in clashing
        }
        plan = plan.without(reasons)


# Plans


def plan_import(after: dict[int, Curation | None]) -> Plan:
    """Give these movies the decisions of a backup; None withdraws."""
    here = current(after)
    return Plan(Way.IMPORT, [Change(id_, here.get(id_), row) for id_, row in after.items()])


def plan_decision(row: Curation) -> Plan:
    """Give one movie the decision of a form."""
    return _plan({row.movie_id: row}, current([row.movie_id]), Way.FORM)


def _plan(after: dict[int, Curation | None], here: dict[int, Curation], way: str) -> Plan:
    """The changes to these movies, without those that would change nothing."""
    changes = [Change(id_, here.get(id_), row) for id_, row in after.items()]
    differing = [one for one in changes if decided_values(one.before) != decided_values(one.after)]
    return Plan(way, differing)


def plan_hide(movie_ids: Collection[int]) -> Plan:
    """Hide these movies, with no end; pins and end dates are removed, notes are kept.

    Movies that are already hidden stay as they are, including their end dates.
    """
    here = current(movie_ids)
    hidden = {id_: _("is already hidden") for id_, row in here.items() if row.hidden}
    after = {
        id_: revised(id_, here.get(id_), hidden=True, pinned_position=None, until=None)
        for id_ in movie_ids
    }
    return _plan(after, here, Way.BULK).without(dict(sorted(hidden.items())))


def plan_pin(movie_ids: Iterable[int], position: int) -> Plan:
    """Pin these movies, in this order, from this position on; notes and ends are kept."""
    wanted = {id_: place for place, id_ in enumerate(movie_ids, start=position)}
    here = current(wanted)
    after = {
        id_: revised(id_, here.get(id_), hidden=False, pinned_position=place)
        for id_, place in wanted.items()
    }
    return _without_clashes(_unless_same(_plan(after, here, Way.BULK), after))


def plan_notes(movie_ids: Collection[int], **notes: str) -> Plan:
    """Give these movies a `note` or a `public_note`; an empty one removes it."""
    here = current(movie_ids)
    after = {id_: revised(id_, here.get(id_), **notes) for id_ in movie_ids}
    return _unless_same(_plan(after, here, Way.BULK), after)


def plan_until(movie_ids: Collection[int], until: datetime | None) -> Plan:
    """Let the decisions about these movies end then, or never."""
    here = current(movie_ids)
    after = {id_: revised(id_, row, until=until) for id_, row in here.items()}
    undecided = {id_: _("has no decision") for id_ in movie_ids if id_ not in here}
    return _unless_same(_plan(after, here, Way.BULK), after).without(undecided)


def plan_withdrawal(movie_ids: Collection[int], way: str = Way.BULK) -> Plan:
    """Withdraw all decisions about these movies."""
    here = current(movie_ids)
    found = _plan(dict.fromkeys(movie_ids), here, way)
    return found.without({id_: _("has no decision") for id_ in movie_ids if id_ not in here})


def revised(movie_id: int, row: Curation | None, **values: Any) -> Curation | None:
    """The decision with other values; None where nothing would be left of it."""
    before = {name: getattr(row, name) for name in DECIDED} if row else {}
    after = Curation(movie_id=movie_id, **before | values)
    decides = after.hidden or after.pinned_position or after.note or after.public_note
    return after if decides else None


def _unless_same(plan: Plan, after: Collection[int]) -> Plan:
    changed = {one.movie_id for one in plan.changes}
    return plan.without({id_: _("stays as it is") for id_ in after if id_ not in changed})


# Undo


def plan_undo(batch: str, entry: int | None = None) -> Plan:
    """Undo a batch, or one entry of it, for the movies that nobody has changed since.

    Decisions that have expired by now are not restored.
    """
    entries = list(CurationChange.objects.filter(batch=batch).order_by("id"))
    if entry is not None:
        entries = [one for one in entries if one.pk == entry]
    here = current([one.movie_id for one in entries])
    users = known_users(entries)
    changes = [
        Change(one.movie_id, here.get(one.movie_id), as_kept(one.movie_id, one.before, users))
        for one in entries
    ]
    since = {one.movie_id for one in entries if not is_as_kept(here.get(one.movie_id), one.after)}
    over = {one.movie_id for one in changes if one.after and one.after.is_expired}
    reasons = dict.fromkeys(sorted(since), _("has been changed since"))
    reasons |= dict.fromkeys(sorted(over), _("it has expired: make a new decision"))
    return _without_clashes(Plan(Way.UNDO, changes).without(reasons))


# Applying


def apply(plan: Plan, *, user: User | None) -> str:
    """Make the changes of a plan. Returns their batch in the history.

    Raises RuleBroken; then nothing was changed.
    """
    _check(plan)
    batch, now = uuid4().hex, timezone.now()
    if plan.way in (Way.FORM, Way.BULK):
        # An import and an undo restore who decided, and when.
        _sign((one.after for one in plan.changes), user, now)
    try:
        with transaction.atomic():
            _write(plan, batch, user, now)
    except IntegrityError as error:  # the database's constraints; cannot happen under the lock
        message = _("This breaks a rule of the database: %(error)s")
        raise RuleBroken(message % {"error": error}) from error
    return batch


def _check(plan: Plan) -> None:
    broken = [
        f"{one.movie_id}: {refusal.message}"
        for one in plan.changes
        if one.after
        for refusal in contradictions(one.after)
    ]
    if broken:
        raise RuleBroken("\n".join(broken))


def _write(plan: Plan, batch: str, user: User | None, now: datetime) -> None:
    Curation.objects.filter(pk__in=[one.movie_id for one in plan.changes]).delete()
    Curation.objects.bulk_create([one.after for one in plan.changes if one.after])
    CurationChange.objects.bulk_create(
        CurationChange(
            batch=batch,
            movie_id=one.movie_id,
            way=plan.way,
            changed_by=user,
            changed_at=now,
            before=snapshot(one.before),
            after=snapshot(one.after),
        )
        for one in plan.changes
    )


def _sign(rows: Iterable[Curation | None], user: User | None, now: datetime) -> None:
    for row in filter(None, rows):
        row.decided_by, row.decided_at = user, now
