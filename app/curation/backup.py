"""Export and import of curators' decisions, the only data that no batch run can rebuild.

An import is all or nothing. It holds the publish lock, so that the catalogue that it is checked
against does not change meanwhile.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from app.curation import services
from app.curation.backup_format import CurationError, Decision, Document
from app.curation.services import Plan
from app.models import Curation, Movie
from app.runs.locks import publish_lock


class ChangedMeanwhile(CurationError):
    """Somebody changed a decision after the import was confirmed, so its plan is another one."""


@dataclass(frozen=True)
class Outcome:
    """What an import did, in movie ids, and what to tell the user."""

    added: list[int]
    changed: list[int]
    unchanged: list[int]
    removed: list[int]
    unknown_users: Counter[str]
    other_titles: list[str]
    plan: Plan
    expired: list[int] = field(default_factory=list)
    """Left out, as they have expired."""
    batch: str = ""
    """Its batch in the history; empty for a dry run."""


def decisions() -> list[Decision]:
    """All decisions in force, in the order of their movie ids."""
    rows = Curation.objects.active().select_related("movie", "decided_by").order_by("movie_id")
    return [
        Decision(
            movie_id=row.movie_id,
            title=str(row.movie),
            hidden=row.hidden,
            pinned_position=row.pinned_position,
            note=row.note,
            public_note=row.public_note,
            until=row.until,
            decided_by=row.decided_by.get_username() if row.decided_by else None,
            decided_at=row.decided_at,
        )
        for row in rows
    ]


def restore(
    document: Document,
    *,
    remove_others: bool = False,
    accept_other_titles: bool = False,
    dry_run: bool = False,
    user: User | None = None,
    agreed: str | None = None,
) -> Outcome:
    """Make a file's decisions those of the site; others stay, unless `remove_others` is set.

    `agreed` is the version of the plan that `user` confirmed. Raises CurationError with every
    problem, ChangedMeanwhile, or RunError while a job is publishing; then nothing was written.
    """
    document, expired = _without_expired(document)
    wanted = document.decisions
    with publish_lock(), transaction.atomic():
        services.lock()
        here = {decision.movie_id: decision for decision in decisions()}
        titles = _titles(wanted)
        other_titles = list(_other_titles(document, titles))
        refused_titles = [] if accept_other_titles else other_titles
        _check(document, titles, refused_titles, beside={} if remove_others else here)
        users = _users(wanted)
        fitted = [_fit(decision, titles, users) for decision in wanted]
        compared = _compare(fitted, here)
        removed = sorted(here.keys() - titles.keys()) if remove_others else []
        plan = _plan(fitted, {*compared["added"], *compared["changed"]}, removed, users)
        _hold_to(agreed, plan)
        return Outcome(
            **compared,
            removed=removed,
            unknown_users=_unknown_users(wanted, users),
            other_titles=other_titles,
            plan=plan,
            expired=expired,
            batch="" if dry_run else services.apply(plan, user=user),
        )


def _without_expired(document: Document) -> tuple[Document, list[int]]:
    """The document's decisions that have not expired, and the movie ids of those that have."""
    now = timezone.now()
    expired = [one.movie_id for one in document.decisions if one.until and one.until <= now]
    wanted = [one for one in document.decisions if one.movie_id not in expired]
    return replace(document, decisions=wanted), expired


def _hold_to(agreed: str | None, plan: Plan) -> None:
    """Raise ChangedMeanwhile where the plan is not the one that was confirmed."""
    if agreed is not None and plan.version != agreed:
        raise ChangedMeanwhile(
            _("one of these decisions was changed in the meantime: check them again")
        )


def _check(
    document: Document,
    titles: dict[int, str],
    refused_titles: list[str],
    *,
    beside: dict[int, Decision],
) -> None:
    """Raise CurationError with every problem of the document."""
    problems = [
        *document.problems,
        *_missing_movies(document, titles),
        *refused_titles,
        *_clashing_pins(document, beside=beside),
    ]
    if problems:
        raise CurationError(*problems)


def _titles(wanted: list[Decision]) -> dict[int, str]:
    """Movie id -> its title in this catalogue, of the movies that are in it."""
    movies = Movie.objects.in_bulk([decision.movie_id for decision in wanted])
    return {movie_id: str(movie) for movie_id, movie in movies.items()}


def _missing_movies(document: Document, titles: dict[int, str]) -> Iterator[str]:
    if document.decisions and not Movie.objects.exists():
        yield "the catalogue is empty: run the job first, then import"
        return
    for decision in document.decisions:
        if decision.movie_id not in titles:
            name = document.name(decision.movie_id)
            yield f"{name}: “{decision.title}” is not in the catalogue"


def _other_titles(document: Document, titles: dict[int, str]) -> Iterator[str]:
    for decision in document.decisions:
        title = titles.get(decision.movie_id, decision.title)
        if title != decision.title:
            yield (
                f"{document.name(decision.movie_id)}: “{decision.title}” in the file is “{title}” "
                "here: another movie, or the same one renamed?"
            )


def _clashing_pins(document: Document, *, beside: dict[int, Decision]) -> Iterator[str]:
    """Decisions that would pin a movie where another one is or will be pinned."""
    wanted = document.decisions
    after = beside | {decision.movie_id: decision for decision in wanted}
    pinned = defaultdict(list)
    for decision in filter(_is_pinned, after.values()):
        pinned[decision.pinned_position].append(decision)
    for decision in filter(_is_pinned, wanted):
        for other in pinned[decision.pinned_position]:
            if other != decision:
                yield (
                    f"{document.name(decision.movie_id)}: “{decision.title}” and {other.movie_id}, "
                    f"“{other.title}”, are both pinned at {decision.pinned_position}"
                )


def _is_pinned(decision: Decision) -> bool:
    return decision.pinned_position is not None


def _users(wanted: list[Decision]) -> dict[str, int]:
    """User name -> id, of the users of this site."""
    names = {decision.decided_by for decision in wanted if decision.decided_by}
    users = get_user_model().objects.filter(username__in=names)
    return dict(users.values_list("username", "pk"))


def _fit(decision: Decision, titles: dict[int, str], users: dict[str, int]) -> Decision:
    """The decision as it would be read back after its import."""
    known = decision.decided_by if decision.decided_by in users else None
    return replace(decision, title=titles[decision.movie_id], decided_by=known)


def _unknown_users(wanted: list[Decision], users: dict[str, int]) -> Counter[str]:
    names = (decision.decided_by for decision in wanted)
    return Counter(name for name in names if name and name not in users)


def _compare(fitted: list[Decision], here: dict[int, Decision]) -> dict[str, list[int]]:
    """Movie ids under "added", "changed" and "unchanged"."""
    found: dict[str, list[int]] = {"added": [], "changed": [], "unchanged": []}
    for decision in fitted:
        previous = here.get(decision.movie_id)
        state = "unchanged" if previous == decision else "changed" if previous else "added"
        found[state].append(decision.movie_id)
    return found


def _plan(
    fitted: list[Decision], touched: set[int], removed: list[int], users: dict[str, int]
) -> Plan:
    after: dict[int, Curation | None] = dict.fromkeys(removed)
    after |= {one.movie_id: _row(one, users) for one in fitted if one.movie_id in touched}
    return services.plan_import(after)


def _row(decision: Decision, users: dict[str, int]) -> Curation:
    return Curation(
        movie_id=decision.movie_id,
        hidden=decision.hidden,
        pinned_position=decision.pinned_position,
        note=decision.note,
        public_note=decision.public_note,
        until=decision.until,
        decided_by_id=users[decision.decided_by] if decision.decided_by else None,
        decided_at=decision.decided_at,
    )
