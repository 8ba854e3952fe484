"""What curators decided, its history, and decisions kept for readers who page on."""

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from app.models.fields import LARGEST, ExactCharField
from app.models.movies import Movie


class CurationQuerySet(models.QuerySet["Curation"]):
    """Decisions by what they are."""

    def active(self) -> "CurationQuerySet":
        """Decisions in force now."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=timezone.now()))


class Curation(models.Model):
    """What a curator decided about a movie. It outlives every run."""

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

    objects = CurationQuerySet.as_manager()

    class Meta:
        verbose_name = _("curation")
        verbose_name_plural = _("curation")

    def __str__(self) -> str:
        try:
            return str(self.movie)
        except Movie.DoesNotExist:  # it has none yet, or none any more: Django takes the key away
            return gettext("no movie")

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
        return gettext("note") if self.note else gettext("nothing decided")

    @property
    def in_full(self) -> str:
        """The decision with its end and its note."""
        is_mere_note = self.note and not (self.hidden or self.pinned_position or self.is_expired)
        parts = [] if is_mere_note else [self.decision]
        if self.until:
            when = date_format(self.until, "DATETIME_FORMAT")
            parts.append(gettext("until %(when)s") % {"when": when})
        if self.note:
            parts.append(gettext("note “%(note)s”") % {"note": self.note})
        return ", ".join(parts)

    def clean(self) -> None:
        """Refuse what contradicts itself or another pin."""
        if self.hidden and self.pinned_position is not None:
            raise ValidationError(_("A movie is either hidden or pinned, not both."))
        if self.pinned_position is not None:
            self._refuse_a_taken_position()

    def _refuse_a_taken_position(self) -> None:
        pinned = Curation.objects.active().filter(pinned_position=self.pinned_position)
        if other := pinned.exclude(pk=self.pk).select_related("movie").first():
            message = _("“%(movie)s” is pinned at this position already.") % {"movie": other.movie}
            raise ValidationError({"pinned_position": message})


class CurationChange(models.Model):
    """One change of a decision: how it was before and after. Nothing here is ever changed.

    Changes made in one go share a `batch`. None stands for no decision.
    """

    class Way(models.TextChoices):
        FORM = "form", _("form")
        BULK = "bulk", _("bulk action")
        IMPORT = "import", _("import")
        UNDO = "undo", _("undo")

    batch = ExactCharField(_("batch"), max_length=32, db_index=True)
    movie = models.ForeignKey(Movie, models.PROTECT, verbose_name=_("movie"))
    way = ExactCharField(_("way"), max_length=8, choices=Way.choices)
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
    """What curators had decided at a time not long ago, so that readers can page on in it.

    Written by the processes of the site (`app/serving/kept_decisions.py`), for about an hour.
    """

    digest = ExactCharField(max_length=12, primary_key=True)
    hidden = models.JSONField()
    pins = models.JSONField()
    in_force_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.digest)
