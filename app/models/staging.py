"""A run's catalogue, until the run becomes current."""

from django.db import models

from app.models.fields import ExactCharField


class StagedMovie(models.Model):
    """The catalogue of a run that is not current yet; making it current copies it from here."""

    pk = models.CompositePrimaryKey("run_id", "movie_id")
    run_id = models.BigIntegerField()
    movie_id = models.IntegerField()
    title = models.CharField(max_length=255)
    year = models.IntegerField(null=True)
    imdb_id = models.CharField(max_length=16, blank=True, db_default="")
    tmdb_id = models.CharField(max_length=16, blank=True, db_default="")
    tags = models.JSONField(null=True)

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
