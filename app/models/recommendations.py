"""The results of a run for each rated movie."""

from django.db import models

from app.models.movies import Movie
from app.models.runs import Run


class MovieInRun(models.Model):
    """A movie in one run: what a run's tables have in common."""

    pk = models.CompositePrimaryKey("run_id", "movie_id")
    run = models.ForeignKey(Run, models.CASCADE, db_constraint=False, db_index=False)
    movie = models.ForeignKey(Movie, models.CASCADE, db_constraint=False, db_index=False)

    class Meta:
        abstract = True


class RecommendationData(MovieInRun):
    """One rated movie in one run. `half_stars_7` counts its ratings of 3.5 stars.

    `year` is the movie's year as of the run: lists ordered or filtered by it need no join.
    """

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

    # Null in runs from before these columns existed.
    lower_bound = models.FloatField(null=True)
    upper_bound = models.FloatField(null=True)
    trend = models.FloatField(null=True)
    months = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"{self.movie_id} in run {self.run_id}"


class SimilarMovie(MovieInRun):
    """The movies most similar to one movie in one run; the job's contract defines `packed`."""

    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"similar to {self.movie_id} in run {self.run_id}"


class VisitorWeights(MovieInRun):
    """What follows from liking a movie, in one run: weights of other movies."""

    scale = models.FloatField()
    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"from {self.movie_id} in run {self.run_id}"


class UserRecommendation(models.Model):
    """The list for one user in the data, in one run."""

    pk = models.CompositePrimaryKey("run_id", "user_id")
    run = models.ForeignKey(Run, models.CASCADE, db_constraint=False, db_index=False)
    user_id = models.BigIntegerField()
    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"for user {self.user_id} in run {self.run_id}"
