"""The tables. Django's migrations own all of them; who writes which:

- the job: runs, catalogue, ranked rows, rejected rows and its staging tables;
- curators, through the admin (or `manage.py curation`): `Curation` and its history,
  `CurationChange`, never touched by the job;
- the processes of the site: `KeptDecisions`, for readers who page on.

Rows of a run point at movies without a database constraint: they arrive before the
catalogue does, which only changes in the transaction that makes the run current.
"""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from app.complaints import LARGEST

HALF_STARS = range(1, 11)
HALF_STAR_SCALE = "0.5-5"
SCALE_NOTICE = _("The ratings came on a scale of %(scale)s; the highest stands here as 5 stars.")
SYNTHETIC_NOTICE = _(
    "These movies and ratings are generated, not real. For the real MovieLens data, point "
    "MOVIELENS_DIR at a folder with ml-latest-small, or connect this machine to the internet, "
    "and start bin/demo again."
)


class ExactCharField(models.CharField):
    """Text compared byte for byte; MySQL's default collations fold case and accents."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters


class RunQuerySet(models.QuerySet["Run"]):
    def current(self) -> "RunQuerySet":
        """The run that the site serves; there is one at the most."""
        return self.filter(status=Run.Status.CURRENT).order_by("-id")

    def published(self) -> "RunQuerySet":
        """Runs that are or were current."""
        return self.filter(status__in=(Run.Status.CURRENT, Run.Status.SUPERSEDED))

    def kept(self) -> "RunQuerySet":
        """Published runs whose rows can still be served."""
        return self.published().filter(purged_at=None)


class Run(models.Model):
    """One run of the batch job, with all that explains its figures."""

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

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        # The last purge is part of the edition, which is looked up with every unknown answer.
        indexes = [models.Index(fields=["purged_at"], name="run_by_purge")]

    def __str__(self) -> str:
        return f"{self.pk} ({self.get_status_display()})"

    @property
    def ratings_rejected(self) -> int:
        return self.ratings_read - self.ratings_accepted - self.ratings_superseded

    @property
    def mean_rating(self) -> float:
        """Mean of all accepted ratings, in stars."""
        half_stars = sum(k * n for k, n in zip(HALF_STARS, self.half_star_counts, strict=True))
        return half_stars / (2 * self.ratings_accepted) if self.ratings_accepted else 0.0

    @property
    def notice(self) -> str | None:
        """What a reader must know before trusting the figures; None for real data."""
        notices = [str(SYNTHETIC_NOTICE)] if self.synthetic else []
        scale = self.parameters.get("scale", HALF_STAR_SCALE)
        if scale != HALF_STAR_SCALE:
            notices.append(SCALE_NOTICE % {"scale": scale})
        return " ".join(notices) or None


class Movie(models.Model):
    """A movie of the catalogue, under its MovieLens id."""

    movie_id = models.IntegerField(_("movie id"), primary_key=True)
    title = models.CharField(_("title"), max_length=255)
    # The job writes it; app/titles.py says how titles are folded.
    search_title = ExactCharField(
        _("search title"), max_length=255, default="", blank=True, editable=False
    )
    year = models.IntegerField(_("year"), null=True)

    class Meta:
        verbose_name = _("movie")
        verbose_name_plural = _("movies")

    def __str__(self) -> str:
        return f"{self.title} ({self.year})" if self.year else self.title

    @property
    def genre_names(self) -> list[str]:
        """In alphabetical order; one query for many movies with prefetch_related("genres")."""
        return sorted(genre.genre for genre in self.genres.all())


class MovieGenre(models.Model):
    """One genre of one movie."""

    pk = models.CompositePrimaryKey("movie_id", "genre")
    movie = models.ForeignKey(
        Movie, models.CASCADE, related_name="genres", db_constraint=False, db_index=False
    )
    genre = ExactCharField(_("genre"), max_length=64)

    class Meta:
        indexes = [models.Index(fields=["genre", "movie"], name="moviegenre_by_genre")]

    def __str__(self) -> str:
        return self.genre


class RecommendationData(models.Model):
    """One rated movie in one run. `half_stars_7` counts its ratings of 3.5 stars.

    `year` is the movie's as of the run: lists ordered or narrowed by it need no join.
    """

    pk = models.CompositePrimaryKey("run_id", "movie_id")
    run = models.ForeignKey(Run, models.CASCADE, db_constraint=False, db_index=False)
    movie = models.ForeignKey(Movie, models.CASCADE, db_constraint=False, db_index=False)

    half_stars_1 = models.IntegerField()
    half_stars_2 = models.IntegerField()
    half_stars_3 = models.IntegerField()
    half_stars_4 = models.IntegerField()
    half_stars_5 = models.IntegerField()
    half_stars_6 = models.IntegerField()
    half_stars_7 = models.IntegerField()
    half_stars_8 = models.IntegerField()
    half_stars_9 = models.IntegerField()
    half_stars_10 = models.IntegerField()

    rating_count = models.IntegerField()
    avg_rating = models.FloatField()
    weighted_rating = models.FloatField()
    rank = models.IntegerField(null=True)
    last_rated_at = models.DateTimeField(null=True)  # ratings may come without times
    year = models.IntegerField(null=True)

    class Meta:
        # One an order of the lists, each total: the pages of a list follow its index.
        indexes = [
            models.Index(
                fields=["run", "-weighted_rating", "-rating_count", "movie"],
                name="recommendation_by_score",
            ),
            models.Index(
                fields=["run", "-avg_rating", "-rating_count", "movie"],
                name="recommendation_by_average",
            ),
            models.Index(
                fields=["run", "-rating_count", "-weighted_rating", "movie"],
                name="recommendation_by_count",
            ),
            models.Index(
                fields=["run", "-year", "-weighted_rating", "-rating_count", "movie"],
                name="recommendation_by_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.movie_id} in run {self.run_id}"


class RejectedRow(models.Model):
    """A sample of the input rows that a run did not accept, as they stood in the file."""

    run = models.ForeignKey(Run, models.CASCADE, db_constraint=False)
    file = models.CharField(_("file"), max_length=255)
    reason = models.CharField(_("reason"), max_length=32)
    raw = models.TextField(_("row"))

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")

    def __str__(self) -> str:
        return f"{self.reason}: {self.raw}"


class CurationQuerySet(models.QuerySet["Curation"]):
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


class StagedMovie(models.Model):
    """The catalogue of a run that is not current yet; the flip takes it from here."""

    pk = models.CompositePrimaryKey("run_id", "movie_id")
    run_id = models.BigIntegerField()
    movie_id = models.IntegerField()
    title = models.CharField(max_length=255)
    search_title = ExactCharField(max_length=255, default="", blank=True, editable=False)
    year = models.IntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.movie_id} in run {self.run_id}"


class StagedMovieGenre(models.Model):
    """The genres that go with `StagedMovie`."""

    pk = models.CompositePrimaryKey("run_id", "movie_id", "genre")
    run_id = models.BigIntegerField()
    movie_id = models.IntegerField()
    genre = ExactCharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.genre} of {self.movie_id} in run {self.run_id}"


class KeptDecisions(models.Model):
    """What curators had decided at a time not long ago, so that readers can page on in it.

    Written by the processes of the site (`app/serving/kept_decisions.py`), for about an hour.
    """

    digest = ExactCharField(max_length=12, primary_key=True)
    hidden = models.JSONField()
    pins = models.JSONField()
    in_force_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest
