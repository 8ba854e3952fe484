"""The catalogue: movies and their genres, as the newest run brought them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from app.models.fields import ExactCharField


class Movie(models.Model):
    """A movie of the catalogue, under its MovieLens id."""

    movie_id = models.IntegerField(_("movie id"), primary_key=True)
    title = models.CharField(_("title"), max_length=255)
    year = models.IntegerField(_("year"), null=True)
    # Text, as IMDb pads its numbers with zeros; empty if the input has no links.
    imdb_id = models.CharField(_("IMDb id"), max_length=16, blank=True, db_default="")
    tmdb_id = models.CharField(_("TMDB id"), max_length=16, blank=True, db_default="")
    tags = models.JSONField(_("tags"), null=True)

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
        # For the admin's filter.
        indexes = [models.Index(fields=["genre", "movie"], name="moviegenre_by_genre")]

    def __str__(self) -> str:
        return str(self.genre)
