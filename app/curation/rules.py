"""The rules of decisions, which `services` enforces on all changes."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from app.models import Curation


@dataclass(frozen=True)
class Refusal:
    """A rule that a decision breaks, and the field that it concerns, if any."""

    field: str | None
    message: str


def refusals(row: Curation) -> Iterator[Refusal]:
    """All rules that a decision breaks, by itself or together with those about other movies."""
    yield from contradictions(row)
    if row.pinned_position is not None:
        others = Curation.objects.active().filter(pinned_position=row.pinned_position)
        if other := others.exclude(pk=row.movie_id).select_related("movie").first():
            message = _("“%(movie)s” is already pinned at this position.") % {"movie": other.movie}
            yield Refusal("pinned_position", message)


def contradictions(row: Curation) -> Iterator[Refusal]:
    """The rules that it breaks by itself."""
    if row.hidden and row.pinned_position is not None:
        yield Refusal(None, _("A movie is either hidden or pinned, not both."))
    if row.is_expired:
        now = date_format(timezone.localtime(), "DATETIME_FORMAT")
        message = _("This is in the past: it is %(now)s UTC. Enter a later date, or none.")
        yield Refusal("until", message % {"now": now})
