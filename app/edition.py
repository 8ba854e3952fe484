"""The edition: which run the site shows and what curators decided about it.

A run never changes once it is current, so every answer is a function of the edition and of the
parameters asked for. `watch` says which edition is out, asking the database at most once a
second, and goes on knowing it while the database is away.
"""

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from hashlib import blake2b
from threading import RLock
from typing import Any

from django.db import close_old_connections, connection
from django.utils import timezone

from app.models import Run
from app.problems import DATABASE_ERRORS, Problem, database_problem, unavailable

REREAD_SECONDS = 1.0
PATIENCE_SECONDS = 1.0
PATIENCE_IN_TROUBLE_SECONDS = 0.1
CURRENT_RUN = """
SELECT app_run.*,
    (SELECT MAX(id) FROM app_run WHERE status = 'superseded') AS newest_other,
    (SELECT MAX(finished_at) FROM app_run) AS last_publish,
    (SELECT MAX(purged_at) FROM app_run) AS last_purge,
    (SELECT COUNT(purged_at) FROM app_run) AS purges,
    (SELECT run_id FROM app_recommendationdata WHERE run_id = app_run.id LIMIT 1) AS has_rows
FROM app_run WHERE status = 'current' ORDER BY id DESC LIMIT 1"""
"""After a way back the titles in the catalogue are those of `newest_other`. `has_rows` is one of
them; with EXISTS MariaDB might read them all."""
WHAT_DIFFERS = "started_at finished_at newest_other last_publish last_purge purges has_rows".split()
"""Columns that tell two runs of one number apart, as after a restored backup, and what is kept."""
DECISIONS = """
SELECT movie_id, hidden, pinned_position FROM app_curation
WHERE (until IS NULL OR until > %s) AND (hidden = %s OR pinned_position IS NOT NULL)
ORDER BY movie_id"""


@dataclass(frozen=True)
class Edition:
    """What an answer depends on besides its parameters.

    `revision` is a digest of all of it but the run's number: of the decisions in force, of
    when the run was made, of the run whose titles stand in the catalogue, of which runs are
    kept. It is made of contents, so it holds for whatever changed them: the admin, an import, an
    end date, a restored backup, another database.
    """

    run: Run
    revision: str
    hidden: frozenset[int]
    pins: tuple[tuple[int, int], ...]
    """(position, movie id), in the order in which they take their places."""
    has_rows: bool = True

    def refuse_without_rows(self) -> None:
        """Raises Problem (503) where the run is ranked by its own count, but has no row to show."""
        if self.run.movies_ranked and not self.has_rows:
            raise unavailable(
                "run_without_rows",
                f"Run {self.run.pk} counts {self.run.movies_ranked:,} ranked movies, but has no "
                "rows: run the batch job again, or go back to a kept run (manage.py runs).",
            )

    @property
    def key(self) -> tuple[int, str]:
        return self.run.pk, self.revision

    @property
    def curated(self) -> list[int]:
        """Movies that do not stand where the ranking would have them."""
        return sorted(self.hidden | self.pinned)

    @property
    def pinned(self) -> set[int]:
        return {movie_id for _, movie_id in self.pins}


def read_edition() -> Edition | None:
    """The edition that is out, or None where nothing was ever published. Two queries.

    Plain SQL, as every answer that is not known yet begins with it: the ORM would spend four
    times as long on putting the same two statements together.
    """
    run: Any = next(iter(Run.objects.raw(CURRENT_RUN)), None)
    if run is None:
        return None
    rows = _decisions()
    return Edition(
        run=run,
        revision=_digest([str(getattr(run, name)) for name in WHAT_DIFFERS], rows),
        hidden=frozenset(movie_id for movie_id, hidden, _ in rows if hidden),
        pins=tuple(sorted((place, id_) for id_, hidden, place in rows if place and not hidden)),
        has_rows=bool(run.has_rows),
    )


def _decisions() -> list[tuple[int, bool, int | None]]:
    """(movie id, hidden, pinned position) of `Curation.objects.active()`."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(DECISIONS, [now, True])
        return [(movie_id, bool(hidden), place) for movie_id, hidden, place in cursor.fetchall()]


def _digest(*contents: object) -> str:
    return blake2b(repr(contents).encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Sighting:
    """The edition as it was last seen, and what keeps the watch from seeing it now.

    Times are monotonic seconds: when the database was last asked, and when it last answered.
    """

    edition: Edition | None = None
    trouble: Problem | None = None
    asked_at: float = float("-inf")
    answered_at: float = float("-inf")

    def refuse_in_trouble(self) -> None:
        """Raises Problem (503) while the database is in trouble."""
        if self.trouble:
            # One object for all who ask: it must not gather what each was doing.
            raise self.trouble.with_traceback(None)


class Watch:
    """Sees editions come out. A thread of its own asks the database, so nobody waits for long.

    `look` is the only door. A sighting of less than REREAD_SECONDS ago is taken as it is. Else
    the database is asked, and waited for with some patience; while it is in trouble with next
    to none, as readers then go on with what is known.
    """

    def __init__(
        self,
        read: Callable[[], Edition | None] = read_edition,
        *,
        executor: Executor | None = None,
        reread_seconds: float = REREAD_SECONDS,
    ) -> None:
        self._read = read
        self._executor = executor
        self._reread_seconds = reread_seconds
        self._lock = RLock()  # an executor may ask in the very thread that holds it
        self._question: Future[None] | None = None
        self._question_at = 0.0
        self._sighting = Sighting()

    def look(self, *, now: bool = False) -> Sighting:
        """The last sighting; with `now` the database is asked however recent that is."""
        recent = time.monotonic() - self._sighting.asked_at < self._reread_seconds
        if now or not recent:
            self._wait_for(self._ask())
        return self._sighting

    @property
    def last(self) -> Sighting:
        """The last sighting, however old; nobody is asked or waited for."""
        return self._sighting

    def suspect(self) -> None:
        """Somebody met trouble in the database: look anew at the next occasion."""
        with self._lock:
            self._sighting = replace(self._sighting, asked_at=float("-inf"))

    def _ask(self) -> "Future[None]":
        """The question under way, or a new one."""
        with self._lock:
            if self._question is None or self._question.done():
                # Not earlier: threads do not survive the fork of a worker.
                self._executor = self._executor or ThreadPoolExecutor(1, "edition")
                self._question_at = time.monotonic()
                self._question = self._executor.submit(self._see, self._question_at)
            return self._question

    def _wait_for(self, question: "Future[None]") -> None:
        patience = PATIENCE_IN_TROUBLE_SECONDS if self.last.trouble else PATIENCE_SECONDS
        wait([question], timeout=max(0.0, self._question_at + patience - time.monotonic()))
        with self._lock:
            if question.done():
                question.result()  # raises what is no trouble of the database's but a fault
            else:
                silent = unavailable("database_unreachable", "The database does not answer.")
                now = time.monotonic()
                self._sighting = replace(self._sighting, trouble=silent, asked_at=now)

    def _see(self, asked_at: float) -> None:
        try:
            close_old_connections()
            edition, trouble = self._read(), None
        except DATABASE_ERRORS as error:
            edition, trouble = None, database_problem(error, log=not self.last.trouble)
        with self._lock:
            if trouble:
                self._sighting = replace(self._sighting, trouble=trouble, asked_at=asked_at)
            else:
                self._sighting = Sighting(edition, None, asked_at, time.monotonic())


watch = Watch()
"""Of this process."""
