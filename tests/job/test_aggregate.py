"""One pass: counts of the accepted, reasons of the rejected, and nothing lost between them."""

from pyspark.sql import functions as F

from spark_jobs import aggregate, validate


def judged(spark, rows):
    return spark.createDataFrame(
        rows, "movie_id int, half_stars int, rated_at long, file string, reason string, raw string"
    )


def test_half_stars_are_counted_by_movie(spark):
    rows = [
        (1, 8, 10, "f", None, ""),
        (1, 8, 30, "f", None, ""),
        (1, 10, 20, "f", None, ""),
        (2, 1, 5, "f", None, ""),
        (None, None, 99, "f", "bad_id", ""),
    ]
    tallies = aggregate.tally(judged(spark, rows))
    counts = {row.movie_id: row for row in aggregate.half_star_counts(tallies).collect()}
    assert counts.keys() == {1, 2}
    assert (counts[1].half_stars_8, counts[1].half_stars_10, counts[1].half_stars_9) == (2, 1, 0)
    assert (counts[1].last_rated_at, counts[2].last_rated_at) == (30, 5)
    assert validate.verdicts(tallies, rows=F.col("rows")) == validate.Verdicts(4, {"bad_id": 1})


def test_the_mean_comes_from_integer_sums(spark):
    rows = [(1, k, 0, "f", None, "") for k in (1, 1, 2)]
    totals = aggregate.totals(aggregate.half_star_counts(aggregate.tally(judged(spark, rows))))
    assert totals.by_half_stars == (2, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    assert totals.mean == 4 / 6


def test_no_ratings_are_no_error(spark):
    totals = aggregate.totals(aggregate.half_star_counts(aggregate.tally(judged(spark, []))))
    assert (totals.ratings, totals.rated_movies) == (0, 0)
    assert totals.mean != totals.mean  # NaN
