"""Runs of the batch job, and a sample of the input rows that each rejected."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from app.models.fields import ExactCharField

HALF_STARS = range(1, 11)
HALF_STAR_SCALE = "0.5-5"
SCALE_NOTICE = _("The ratings came on a scale of %(scale)s; the highest is shown here as 5 stars.")
SYNTHETIC_NOTICE = _(
    "These movies and ratings are generated, not real. For the real MovieLens data, point "
    "MOVIELENS_DIR at a folder with ml-latest-small, or connect this machine to the internet, "
    "and start bin/demo again."
)


class RunQuerySet(models.QuerySet["Run"]):
    """Runs by their role for the site."""

    def current(self) -> "RunQuerySet":
        """The run that the site serves; there is at most one."""
        return self.filter(status=Run.Status.CURRENT).order_by("-id")

    def published(self) -> "RunQuerySet":
        """Runs that are or were current."""
        return self.filter(status__in=(Run.Status.CURRENT, Run.Status.SUPERSEDED))

    def kept(self) -> "RunQuerySet":
        """Published runs whose rows can still be served."""
        return self.published().filter(purged_at=None)


class Run(models.Model):
    """One run of the batch job, with everything that explains its figures."""

    class Status(models.TextChoices):
        LOADING = "loading", _("loading")
        CURRENT = "current", _("current")
        SUPERSEDED = "superseded", _("superseded")
        FAILED = "failed", _("failed")

    status = ExactCharField(_("status"), max_length=16, choices=Status.choices, db_index=True)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    purged_at = models.DateTimeField(_("rows purged"), null=True)
    error = models.TextField(_("error"), blank=True)

    input = models.TextField(_("input"))
    input_fingerprint = models.CharField(_("input fingerprint"), max_length=64)
    synthetic = models.BooleanField(_("synthetic data"))
    parameters = models.JSONField(_("parameters"))
    overruled_gates = models.JSONField(_("overruled gates"))
    versions = models.JSONField(_("versions"))

    movies_read = models.IntegerField(_("movies read"))
    movies_accepted = models.IntegerField(_("movies accepted"))
    movies_rated = models.IntegerField(_("movies rated"))
    movies_ranked = models.IntegerField(_("movies ranked"))
    ratings_read = models.BigIntegerField(_("ratings read"))
    ratings_accepted = models.BigIntegerField(_("ratings accepted"))
    ratings_superseded = models.BigIntegerField(
        _("ratings superseded"), default=0, help_text=_("A user's earlier ratings of a movie.")
    )
    rejected_by_reason = models.JSONField(_("rejected rows by reason"))
    half_star_counts = models.JSONField(_("half-star counts"))

    prior_mean = models.FloatField(_("prior mean"))
    prior_weight = models.FloatField(_("prior weight"))
    min_ratings = models.IntegerField(_("eligibility floor"))
    encrypted = models.BooleanField(
        _("encrypted"),
        null=True,
        help_text=_("Whether the job's connection to the database was encrypted."),
    )

    fitted_models = models.JSONField(
        _("fitted models"), null=True, help_text=_("Null where the run has rankings alone.")
    )
    evaluation = models.JSONField(_("evaluation"), null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        permissions = [
            ("activate_run", _("Can make a run current")),
            ("start_run", _("Can start a run")),
        ]
        # The last purge is part of the version, which every process checks once a second.
        indexes = [models.Index(fields=["purged_at"], name="run_by_purge")]

    def __str__(self) -> str:
        return f"{self.pk} ({self.get_status_display()})"

    @property
    def ratings_rejected(self) -> int:
        """How many ratings do not count."""
        return self.ratings_read - self.ratings_accepted - self.ratings_superseded

    @property
    def scale(self) -> str:
        """The scale of the original ratings, such as 1-10."""
        return str(self.parameters.get("scale", HALF_STAR_SCALE))

    @property
    def trending(self) -> dict[str, Any] | None:
        """Half-life and newest month of the trends; None if the run has none."""
        found: dict[str, Any] | None = self.parameters.get("trending")
        return found

    @property
    def notice(self) -> str | None:
        """What a reader must know before trusting the figures; None for real data."""
        return notice_of(synthetic=self.synthetic, scale=self.scale)


def notice_of(*, synthetic: bool, scale: str) -> str | None:
    """What a reader must know before trusting the figures of a run; None for real data."""
    notices = [str(SYNTHETIC_NOTICE)] if synthetic else []
    if scale != HALF_STAR_SCALE:
        notices.append(SCALE_NOTICE % {"scale": scale})
    return " ".join(notices) or None


class RejectedRow(models.Model):
    """A sample of the input rows that a run did not accept, as they were in the file."""

    run = models.ForeignKey(Run, models.CASCADE, db_constraint=False)
    file = models.CharField(_("file"), max_length=255)
    reason = models.CharField(_("reason"), max_length=32)
    raw = models.TextField(_("row"))

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")

    def __str__(self) -> str:
        return f"{self.reason}: {self.raw}"
