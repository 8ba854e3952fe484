"""Decisions and their changes as people read them."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from app.curation import history
from app.models import Curation, CurationChange


def in_words(row: Curation | None) -> str:
    """A decision."""
    return row.in_full if row else _("no decision")


def moment(change: CurationChange) -> str:
    """When it was changed."""
    return date_format(timezone.localtime(change.changed_at), "DATETIME_FORMAT") + " UTC"


def before_and_after(change: CurationChange) -> str:
    """What was changed."""
    kept = (change.before, change.after)
    return " → ".join(in_words(history.from_snapshot(change.movie_id, one)) for one in kept)


def told(change: CurationChange) -> str:
    """Who changed what and when, in a sentence."""
    words = {
        "movie": change.movie,
        "what": before_and_after(change),
        "who": change.changed_by or _("Somebody"),
        "when": moment(change),
    }
    if change.way == CurationChange.Way.EXPIRY:
        return _("%(movie)s ran out on %(when)s: %(what)s.") % words
    return _("%(who)s on %(when)s, %(movie)s: %(what)s.") % words
