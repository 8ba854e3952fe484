"""Decisions that were in force not long ago: who pages on in them must not meet gaps.

A process knows those that it has shown itself. For what other processes show they are also kept
in the database, for an hour after they were last in force.
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
    """The decisions that this process can still serve; `is_away` is asked of the database."""

    def __init__(self, is_away: Callable[[], bool] = lambda: False) -> None:
        self._is_away = is_away
        self._lock = Lock()
        self._known = LRUCache[str, Decisions](MOST_KNOWN)

    def add(self, decisions: Decisions) -> None:
        with self._lock:
            self._known[decisions.digest] = decisions

    def find(self, digest: str) -> Decisions | None:
        """Those of this process, else those that another one has left in the database."""
        with self._lock:
            known = self._known.get(digest)
        if known or self._is_away():  # who asks has waited for the database already
            return known
        return self._read(digest)

    def _read(self, digest: str) -> Decisions | None:
        try:
            row = KeptDecisions.objects.filter(digest=digest).first()
        except (DatabaseError, InterfaceError):
            return None  # the reader is told that it is another version, and goes on
        if row is None:
            return None
        pins = tuple((position, movie_id) for position, movie_id in row.pins)
        decisions = Decisions(frozenset(row.hidden), pins)
        self.add(decisions)
        return decisions


def keep_decisions(*in_force: Decisions) -> None:
    """Keep what is or was in force until now, delete what was so long ago; failure is logged."""
    now = timezone.now()
    rows = [
        KeptDecisions(digest=one.digest, hidden=sorted(one.hidden), pins=one.pins, in_force_at=now)
        for one in in_force
    ]
    try:
        KeptDecisions.objects.bulk_create(rows, ignore_conflicts=True)
        KeptDecisions.objects.filter(pk__in=[row.pk for row in rows]).update(in_force_at=now)
        KeptDecisions.objects.filter(in_force_at__lt=now - KEPT_FOR).delete()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("decisions are not kept for readers of other processes: %s", error)
