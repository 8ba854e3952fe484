"""Curators' decisions, their history, and decisions kept for readers who are paging."""

from collections.abc import Collection

from django.conf import settings
from django.contrib import admin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from app.models.fields import LARGEST, ExactCharField
from app.models.movies import Movie

LONGEST_PUBLIC_NOTE = 500
"""In characters; every process of the site keeps all public notes in memory."""


class CurationQuerySet(models.QuerySet["Curation"]):
    """Decisions by whether they are in force."""

    def active(self) -> "CurationQuerySet":
        """Decisions in force now."""
        return self.filter(Q(until=None) | Q(until__gt=timezone.now()))

    def ended(self) -> "CurationQuerySet":
        """Decisions that have expired, but are not yet in the history as such."""
        return self.filter(until__lte=timezone.now())


class Curation(models.Model):
    """What a curator decided about a movie. It outlives every run.

    The rules are in `curation/services.py`; those that a database can enforce are also stated here.
    """

    movie = models.OneToOneField(
        Movie, models.PROTECT, primary_key=True, related_name="curation", verbose_name=_("movie")
    )
    hidden = models.BooleanField(
        _("hidden"),
        default=False,
        help_text=_("Leave the movie out of every list; its own page is gone, too."),
    )
    pinned_position = models.IntegerField(
        _("pinned position"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST)],
        help_text=_(
            "Show the movie at this place (1 is the first) of every ranking it belongs to. "
            "A ranking that is shorter leaves it where it ranks."
        ),
    )
    note = models.TextField(_("note"), blank=True, help_text=_("Why; for curators only."))
    public_note = models.CharField(
        _("public note"),
        max_length=LONGEST_PUBLIC_NOTE,
        blank=True,
        default="",
        db_default="",
        help_text=_("Everybody reads it on the movie's page."),
    )
    until = models.DateTimeField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("UTC. A date alone: to the end of that day. Empty: until somebody changes it."),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), default=timezone.now, editable=False)
    # For the admin to find decisions with a note: MySQL cannot index a text column.
    noted = models.GeneratedField(
        expression=Case(
            When(Q(note="") & Q(public_note=""), then=Value(False)), default=Value(True)
        ),
        output_field=models.BooleanField(),
        db_persist=True,
        db_index=True,
    )

    objects = CurationQuerySet.as_manager()

    class Meta:
        verbose_name = _("curation")
        verbose_name_plural = _("curation")
        constraints = [
            models.CheckConstraint(
                name="curation_hidden_or_pinned",
                condition=Q(hidden=False) | Q(pinned_position=None),
            ),
            models.CheckConstraint(
                name="curation_position_from_1",
                condition=Q(pinned_position=None) | Q(pinned_position__gte=1),
            ),
            models.UniqueConstraint(
                name="curation_one_movie_a_position", fields=["pinned_position"]
            ),
        ]
        indexes = [models.Index(fields=["until"], name="curation_by_end")]

    def __str__(self) -> str:
        try:
            return str(self.movie)
        except Movie.DoesNotExist:  # it has none yet, or no longer: Django clears the key
            return gettext("no movie")

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Left to `rules.refusals`, which says which movie is in the way."""

    @property
    def is_expired(self) -> bool:
        """Whether its end has passed."""
        return self.until is not None and self.until <= timezone.now()

    @property
    @admin.display(description=_("decision"))
    def decision(self) -> str:
        """What was decided, in a few words, and whether it has expired."""
        if not self.is_expired:
            return self._verdict
        return gettext("expired: %(decision)s") % {"decision": self._verdict}

    @property
    def _verdict(self) -> str:
        if self.hidden:
            return gettext("hidden")
        if self.pinned_position:
            return gettext("pinned at %(position)d") % {"position": self.pinned_position}
        return gettext("note") if self.note or self.public_note else gettext("nothing decided")

    @property
    def in_full(self) -> str:
        """The decision with its end and its notes."""
        decides = self.hidden or self.pinned_position or self.is_expired
        parts = [self.decision] if decides or not (self.note or self.public_note) else []
        if self.until:
            when = date_format(self.until, "DATETIME_FORMAT")
            parts.append(gettext("until %(when)s") % {"when": when})
        if self.note:
            parts.append(gettext("note “%(note)s”") % {"note": self.note})
        if self.public_note:
            parts.append(gettext("public note “%(note)s”") % {"note": self.public_note})
        return ", ".join(parts)


class CurationChange(models.Model):
    """One change of a decision, with its state before and after. Rows are never changed.

    Changes made at once share a `batch`. None stands for no decision. An expiry has no
    `changed_by`, and its time is the end of the decision.
    """

    class Way(models.TextChoices):
        FORM = "form", _("form")
        BULK = "bulk", _("bulk action")
        IMPORT = "import", _("import")
        UNDO = "undo", _("undo")
        EXPIRY = "expiry", _("expiry")

    batch = ExactCharField(_("batch"), max_length=32, db_index=True)
    movie = models.ForeignKey(Movie, models.PROTECT, verbose_name=_("movie"))
    way = ExactCharField(_("way"), max_length=8, choices=Way.choices, db_index=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    class Meta:
        verbose_name = _("change of curation")
        verbose_name_plural = _("changes of curation")

    def __str__(self) -> str:
        return f"{self.movie}: {self.get_way_display()}"


class KeptDecisions(models.Model):
    """Curators' decisions at a recent time, so that readers can go on paging.

    The processes of the site write it (`app/serving/kept_decisions.py`), and keep it for about an
    hour.
    """

    digest = ExactCharField(max_length=12, primary_key=True)
    hidden = models.JSONField()
    pins = models.JSONField()
    notes = models.JSONField(null=True)
    in_force_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.digest)
