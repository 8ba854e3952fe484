"""Decisions, their changes and the states of pins in words."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from app.catalogue.lists.positions import PinState
from app.curation import history
from app.models import Curation, CurationChange

PIN_STATES: dict[PinState, str | Promise] = {
    "moved": _("its position is taken, so it comes next"),
    "unknown": _("is not in the catalogue"),
    "unrated": _("has no ratings in this run"),
    "filtered": _("does not pass the filter"),
    "beyond": _("the ranking is shorter than that"),
}
"""Why a pinned movie is not at its position."""


def in_words(row: Curation | None) -> str:
    """A decision."""
    return row.in_full if row else gettext("no decision")


def moment(change: CurationChange) -> str:
    """When it was changed."""
    return date_format(timezone.localtime(change.changed_at), "DATETIME_FORMAT") + " UTC"


def before_and_after(change: CurationChange) -> str:
    """What was changed."""
    snapshots = (change.before, change.after)
    return " → ".join(in_words(history.from_snapshot(change.movie_id, one)) for one in snapshots)


def change_in_words(change: CurationChange) -> str:
    """Who changed what and when, in a sentence."""
    words = {
        "movie": change.movie,
        "what": before_and_after(change),
        "who": change.changed_by or gettext("Somebody"),
        "when": moment(change),
    }
    if change.way == CurationChange.Way.EXPIRY:
        return gettext("The decision about %(movie)s expired on %(when)s: %(what)s.") % words
    return gettext("%(who)s on %(when)s, %(movie)s: %(what)s.") % words
