"""Snapshots of decisions, and the history that keeps them."""

from collections.abc import Collection
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.contrib.auth import get_user_model

from app.models import Curation, CurationChange

DECIDED = ("hidden", "pinned_position", "note", "public_note", "until")
"""The fields in which decisions can differ, whoever made them."""
LATER = {"public_note": ""}
"""Fields that early entries of the history lack, with their defaults."""


def version(row: Curation | None) -> str:
    """A digest by which a form recognizes the decision that it was made from."""
    return digest(snapshot(row)) if row else "none"


def snapshot(row: Curation | None) -> dict[str, Any] | None:
    """A decision as the history keeps it."""
    if row is None:
        return None
    return {
        "hidden": row.hidden,
        "pinned_position": row.pinned_position,
        "note": row.note,
        "public_note": row.public_note,
        "until": row.until and row.until.isoformat(),
        "decided_by": row.decided_by_id,
        "decided_at": row.decided_at.isoformat(),
    }


def as_kept(movie_id: int, kept: dict[str, Any] | None, users: set[int]) -> Curation | None:
    """The decision that the history kept, without its curator if that user was deleted."""
    row = from_snapshot(movie_id, kept)
    if row and row.decided_by_id not in users:
        row.decided_by_id = None
    return row


def from_snapshot(movie_id: int, kept: dict[str, Any] | None) -> Curation | None:
    """The decision that the history kept."""
    if kept is None:
        return None
    kept = LATER | kept
    until = kept["until"] and datetime.fromisoformat(kept["until"])
    return Curation(
        movie_id=movie_id,
        hidden=kept["hidden"],
        pinned_position=kept["pinned_position"],
        note=kept["note"],
        public_note=kept["public_note"],
        until=until,
        decided_by_id=kept["decided_by"],
        decided_at=datetime.fromisoformat(kept["decided_at"]),
    )


def decided_values(row: Curation | None) -> tuple[object, ...] | None:
    """What was decided, whoever decided it."""
    return tuple(getattr(row, name) for name in DECIDED) if row else None


def digest(contents: object) -> str:
    """A short digest; different contents have different ones."""
    return blake2b(repr(contents).encode(), digest_size=8).hexdigest()


def last_change(movie_id: int) -> CurationChange | None:
    """The newest entry of the movie's history."""
    changes = CurationChange.objects.filter(movie_id=movie_id).select_related("changed_by")
    return changes.order_by("-id").first()


def newest_entry() -> int:
    """The id of the newest entry of the history; 0 where there is none."""
    return CurationChange.objects.order_by("-id").values_list("id", flat=True).first() or 0


def changes_since(entry: int, movie_ids: Collection[int]) -> list[CurationChange]:
    """The changes to these movies after that entry, the oldest first."""
    changes = CurationChange.objects.filter(movie_id__in=movie_ids, id__gt=entry)
    return list(changes.select_related("changed_by", "movie").order_by("id"))


def is_as_kept(row: Curation | None, kept: dict[str, Any] | None) -> bool:
    """Whether nobody has changed it since; that its curator was deleted does not count."""
    here = snapshot(row)
    if here is None or kept is None:
        return here is kept
    return here | {"decided_by": None} == LATER | kept | {"decided_by": None}


def known_users(entries: list[CurationChange]) -> set[int]:
    """The keys of the curators before these changes who have not been deleted."""
    ids = {one.before["decided_by"] for one in entries if one.before}
    return set(get_user_model().objects.filter(pk__in=ids - {None}).values_list("pk", flat=True))
