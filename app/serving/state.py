"""The current run and the decisions in force, as the database has them.

Plain SQL, as every process asks once a second: the ORM would take four times as long to build the
same two statements.
"""

from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from app.catalogue.decisions import Decisions
from app.catalogue.digest import digest

RUN = """
SELECT r.id, r.started_at, r.finished_at,
    (SELECT MAX(id) FROM app_run WHERE status IN ('current', 'superseded')) AS newest,
    (SELECT MAX(finished_at) FROM app_run) AS last_publish,
    (SELECT MAX(id) FROM app_run WHERE status IN ('current', 'superseded')
        AND purged_at IS NULL AND id < r.id) AS previous_run,
    (SELECT MAX(purged_at) FROM app_run) AS last_purge,
    (SELECT COUNT(purged_at) FROM app_run) AS purges
FROM app_run r WHERE {which} ORDER BY r.id DESC LIMIT 1"""
"""The titles of a catalogue are those of the newest run, even where an earlier one is current."""
DECISIONS = """
SELECT movie_id, hidden, pinned_position, public_note FROM app_curation
WHERE (until IS NULL OR until > %s)
    AND (hidden = %s OR pinned_position IS NOT NULL OR public_note <> '')"""


@dataclass(frozen=True, slots=True)
class RunState:
    """A run as it would be loaded now.

    The digests are made from contents, so they change whatever the cause: a publish, a rollback, a
    purge, a restored backup, another database.
    """

    run_id: int
    previous_run: int | None
    """The kept run before it."""
    catalogue: str
    """Digest of what its catalogue is made from."""
    runs: str
    """Digest of which runs there are."""


@dataclass(frozen=True, slots=True)
class PublishedState:
    """The current run and the decisions in force."""

    run: RunState
    decisions: Decisions


def read_state() -> PublishedState | None:
    """None if nothing was ever published. Two queries: call it within a `consistent_read`."""
    run = read_run_state()
    return None if run is None else PublishedState(run, read_decisions())


def read_run_state(run_id: int | None = None) -> RunState | None:
    """The state of a run, by default of the current one; None if there is none."""
    which, values = ("r.status = 'current'", []) if run_id is None else ("r.id = %s", [run_id])
    with connection.cursor() as cursor:
        cursor.execute(RUN.format(which=which), values)
        row = cursor.fetchone()
    if row is None:
        return None
    *made_of, last_purge, purges = map(str, row)
    run_id, newest, previous_run = row[0], row[3], row[5]
    runs = [str(newest), last_purge, purges]
    return RunState(run_id, previous_run, digest(repr(made_of)), digest(repr(runs)))


def read_decisions() -> Decisions:
    """Those in force, like `Curation.objects.active()`; a movie is either hidden or pinned."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(DECISIONS, [now, True])
        rows = cursor.fetchall()
    return Decisions(
        hidden=frozenset(movie_id for movie_id, hidden, *_ in rows if hidden),
        pins=tuple(sorted((place, id_) for id_, hidden, place, _ in rows if place and not hidden)),
        notes=tuple(sorted((id_, text) for id_, hidden, _, text in rows if text and not hidden)),
    )
