"""Whatever changes a decision comes through here.

A change is planned, shown where somebody has to agree, and applied: rows and history in one
transaction, a constant number of queries for any number of movies. Who plans in order to apply
holds the lock, so that no two curators change decisions at once.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from app.models import Curation, CurationChange

MOST_AT_ONCE = 500
"""Movies that one bulk action may change."""
Way = CurationChange.Way


@dataclass(frozen=True)
class Change:
    """A movie's decision as it is and as it would be; None is no decision."""

    movie_id: int
    before: Curation | None
    after: Curation | None


@dataclass(frozen=True)
class Plan:
    """Changes that would be made together, and why some movies would be left as they are."""

    way: str
    changes: list[Change]
    left: dict[int, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Changes when somebody else changes one of the decisions meanwhile."""
        return _digest([(one.movie_id, version(one.before)) for one in self.changes])


def lock() -> None:
    """Keep other curators out until the transaction ends.

    SQLite needs no more than its transactions, which exclude each other. On MySQL it is a row
    that always exists: the decisions themselves may not be there yet.
    """
    kind = {"app_label": "app", "model": Curation._meta.model_name}
    list(ContentType.objects.select_for_update().filter(**kind))


def current(movie_ids: Collection[int]) -> dict[int, Curation]:
    """The decisions about these movies, also expired ones."""
    rows = Curation.objects.filter(pk__in=movie_ids).select_related("decided_by")
    return {row.movie_id: row for row in rows}


def version(row: Curation | None) -> str:
    """What a form remembers of the decision that it was made from."""
    return _digest(snapshot(row)) if row else "none"


def last_change(movie_id: int) -> CurationChange | None:
    """The newest entry of the movie's history."""
    changes = CurationChange.objects.filter(movie_id=movie_id).select_related("changed_by")
    return changes.order_by("-id").first()


def plan_import(after: dict[int, Curation | None]) -> Plan:
    """What a backup says is to become of these movies."""
    here = current(after)
    return Plan(Way.IMPORT, [Change(id_, here.get(id_), row) for id_, row in after.items()])


def plan_decision(row: Curation) -> Plan:
    """One movie's new decision, as a form has it."""
    return _plan({row.movie_id: row}, Way.FORM)


def _plan(after: dict[int, Curation | None], way: str) -> Plan:
    """What is to become of these movies; those that stay as they are drop out."""
    here = current(after)
    changes = [Change(id_, here.get(id_), row) for id_, row in after.items()]
    return Plan(way, [one for one in changes if _values(one.before) != _values(one.after)])


def plan_hide(movie_ids: Collection[int]) -> Plan:
    """Hide these movies, with no end; pins and end dates go, notes stay.

    What is hidden already stays as it is, its end date included.
    """
    here = current(movie_ids)
    hidden = {id_ for id_, row in here.items() if row.hidden and not row.is_expired}
    wanted = {id_: _hidden(id_, here.get(id_)) for id_ in movie_ids if id_ not in hidden}
    found = _plan(dict(wanted), Way.BULK)
    return Plan(found.way, found.changes, dict.fromkeys(sorted(hidden), _("is hidden already")))


def _hidden(movie_id: int, row: Curation | None) -> Curation:
    return Curation(movie_id=movie_id, hidden=True, note=row.note if row else "")


def plan_withdrawal(movie_ids: Collection[int], way: str = Way.BULK) -> Plan:
    """Withdraw all decisions about these movies."""
    found = _plan(dict.fromkeys(movie_ids), way)
    decided = {one.movie_id for one in found.changes}
    left = (id_ for id_ in movie_ids if id_ not in decided)
    return Plan(found.way, found.changes, dict.fromkeys(left, _("has no decision")))


def plan_undo(batch: str) -> Plan:
    """Put back what a batch changed, as far as nobody changed it since."""
    entries = list(CurationChange.objects.filter(batch=batch).order_by("id"))
    here = current([entry.movie_id for entry in entries])
    untouched = [one for one in entries if _is_as_kept(here.get(one.movie_id), one.after)]
    users = _known_users(untouched)
    changes = [
        Change(one.movie_id, here.get(one.movie_id), _as_kept(one.movie_id, one.before, users))
        for one in untouched
    ]
    touched = {one.movie_id for one in entries} - {one.movie_id for one in untouched}
    left = dict.fromkeys(sorted(touched), _("was changed since"))
    return _without_taken_pins(Plan(Way.UNDO, changes, left))


def _is_as_kept(row: Curation | None, kept: dict[str, Any] | None) -> bool:
    """Whether nobody changed it since. Users may have been deleted meanwhile: they do not count."""
    here = snapshot(row)
    if here is None or kept is None:
        return here is kept
    return here | {"decided_by": None} == kept | {"decided_by": None}


def _known_users(entries: list[CurationChange]) -> set[int]:
    ids = {one.before["decided_by"] for one in entries if one.before}
    return set(get_user_model().objects.filter(pk__in=ids - {None}).values_list("pk", flat=True))


def _without_taken_pins(plan: Plan) -> Plan:
    """Pins that would return to a position which another movie holds by now stay away."""
    touched = {one.movie_id for one in plan.changes}
    pinned = Curation.objects.active().exclude(pinned_position=None).exclude(pk__in=touched)
    taken = dict(pinned.values_list("pinned_position", "movie__title"))
    changes, left = [], dict(plan.left)
    for one in plan.changes:
        position = one.after.pinned_position if one.after and not one.after.is_expired else None
        if position in taken:
            words = _("position %(position)d is taken by “%(movie)s”")
            left[one.movie_id] = words % {"position": position, "movie": taken[position]}
        else:
            changes.append(one)
    return Plan(plan.way, changes, left)


def apply(plan: Plan, *, user: User | None) -> str:
    """Make the changes of a plan. Returns the batch under which they stand in the history."""
    batch, now = uuid4().hex, timezone.now()
    if plan.way in (Way.FORM, Way.BULK):
        # An import and an undo bring back who decided, and when.
        _sign((one.after for one in plan.changes), user, now)
    with transaction.atomic():
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
    return batch


def _sign(rows: Iterable[Curation | None], user: User | None, now: datetime) -> None:
    for row in filter(None, rows):
        row.decided_by, row.decided_at = user, now


def snapshot(row: Curation | None) -> dict[str, Any] | None:
    """A decision as the history keeps it."""
    if row is None:
        return None
    return {
        "hidden": row.hidden,
        "pinned_position": row.pinned_position,
        "note": row.note,
        "until": row.until and row.until.isoformat(),
        "decided_by": row.decided_by_id,
        "decided_at": row.decided_at.isoformat(),
    }


def _as_kept(movie_id: int, kept: dict[str, Any] | None, users: set[int]) -> Curation | None:
    """The decision that the history kept, by nobody where its curator is gone."""
    row = from_snapshot(movie_id, kept)
    if row and row.decided_by_id not in users:
        row.decided_by_id = None
    return row


def from_snapshot(movie_id: int, kept: dict[str, Any] | None) -> Curation | None:
    """The decision that the history kept."""
    if kept is None:
        return None
    until = kept["until"] and datetime.fromisoformat(kept["until"])
    return Curation(
        movie_id=movie_id,
        hidden=kept["hidden"],
        pinned_position=kept["pinned_position"],
        note=kept["note"],
        until=until,
        decided_by_id=kept["decided_by"],
        decided_at=datetime.fromisoformat(kept["decided_at"]),
    )


def _values(row: Curation | None) -> tuple[object, ...] | None:
    """What tells two decisions apart, whoever made them."""
    return (row.hidden, row.pinned_position, row.note, row.until) if row else None


def _digest(contents: object) -> str:
    return blake2b(repr(contents).encode(), digest_size=8).hexdigest()
