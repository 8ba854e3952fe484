"""Decisions that were in force until recently, so that readers who are paging meet no gaps.

A process remembers those that it has shown. For other processes they are kept in the database, for
an hour after they were last in force.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Lock

from cachetools import LRUCache
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from app.catalogue.decisions import Decisions
from app.models import KeptDecisions

KEPT_FOR = timedelta(hours=1)
MOST_KNOWN = 50

logger = logging.getLogger(__name__)


class DecisionHistory:
    """The decisions that this process can serve; while the database `is_away`, it is not asked."""

    def __init__(self, is_away: Callable[[], bool] = lambda: False) -> None:
        self._is_away = is_away
        self._lock = Lock()
        self._known = LRUCache[str, Decisions](MOST_KNOWN)

    def add(self, decisions: Decisions) -> None:
        with self._lock:
            self._known[decisions.digest] = decisions

    def find(self, digest: str) -> Decisions | None:
        """Decisions that this process has shown, otherwise those that another one has kept."""
        with self._lock:
            known = self._known.get(digest)
        if known or self._is_away():  # the request has already waited for the database
            return known
        return self._read(digest)

    def _read(self, digest: str) -> Decisions | None:
        try:
            row = KeptDecisions.objects.filter(digest=digest).first()
        except (DatabaseError, InterfaceError):
            return None  # the reader gets another version, with a notice
        if row is None:
            return None
        pins = tuple((position, movie_id) for position, movie_id in row.pins)
        notes = tuple((movie_id, text) for movie_id, text in row.notes or [])
        decisions = Decisions(frozenset(row.hidden), pins, notes)
        self.add(decisions)
        return decisions


def keep_decisions(*in_force: Decisions) -> None:
    """Keep decisions that are or were in force; delete expired ones. A failure is only logged."""
    now = timezone.now()
    rows = [
        KeptDecisions(
            digest=one.digest,
            hidden=sorted(one.hidden),
            pins=one.pins,
            notes=one.notes,
            in_force_at=now,
        )
        for one in in_force
    ]
    try:
        KeptDecisions.objects.bulk_create(rows, ignore_conflicts=True)
        KeptDecisions.objects.filter(pk__in=[row.pk for row in rows]).update(in_force_at=now)
        KeptDecisions.objects.filter(in_force_at__lt=now - KEPT_FOR).delete()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("decisions are not kept for readers of other processes: %s", error)
