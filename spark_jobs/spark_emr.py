"""The batch job: MovieLens CSVs in, one published run out.

    spark-submit spark_jobs/spark_emr.py --input FOLDER --database URL

`run` reads like the flow: read -> validate -> aggregate -> rank -> gate -> publish.
"""

import platform
import sys
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

if not __package__:  # run by its path, as spark-submit does: find the package beside it
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from spark_jobs import aggregate, gate, rank, read, validate
from spark_jobs.credentials import find_credentials
from spark_jobs.database import check_schema, connect
from spark_jobs.errors import JobError
from spark_jobs.figures import Figures
from spark_jobs.files import Input, find_input
from spark_jobs.former import TOP, read_former_run
from spark_jobs.options import Options, parse_options
from spark_jobs.progress import Progress, print_summary, write_summary
from spark_jobs.publish import Rows, publish
from spark_jobs.rejects import write_rejects
from spark_jobs.revision import revision
from spark_jobs.session import Keep, keeping, spark_session


def main(arguments: list[str] | None = None) -> int:
    """Run the job; 0 when all went well, else not 0 and one line on stderr."""
    options = parse_options(arguments)
    try:
        with spark_session() as spark:
            run(spark, options)
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr, flush=True)
        return 130
    except Exception as error:
        if options.debug:
            traceback.print_exc()
        print(f"error: {_one_line(error)}", file=sys.stderr, flush=True)
        return 1
    return 0


def run(spark: SparkSession, options: Options) -> int | None:
    """The whole flow; the id of the published run, or None for a dry run."""
    progress = Progress()
    with progress.step("check"):
        credentials = find_credentials(options.db_secret)
        source = find_input(spark, options.input)
        if options.database:
            with connect(spark, options.database, credentials) as database:
                check_schema(database)
        target = options.database or "nothing to publish to"
        progress.say(f"{source.prefix}, {source.size / 1e6:,.1f} MB; {target}")

    with keeping() as keep:
        rows, figures = compute(spark, options, source, progress, keep)

        if options.rejects:
            with progress.step("rejects"):
                write_rejects(rows.rejected, options.rejects)
                progress.say(f"all rejected rows are in {options.rejects}")

        with progress.step("gate"):
            gate.check_nothing_is_empty(figures)
            gate.check_rejected(figures, options.max_rejected, rows.rejected)
            if options.database:
                with connect(spark, options.database, credentials) as database:
                    former = read_former_run(database)
                if former:
                    overruled = gate.check_against_former(figures, former, options.allow)
                    figures = replace(figures, overruled_gates=overruled)
                progress.say(f"compared with run {former.run}" if former else "the first run")

        published = None
        if options.database and not options.dry_run:
            with progress.step("publish"):
                with connect(spark, options.database, credentials) as database:
                    published = publish(database, rows, figures, keep_runs=options.keep_runs)
                progress.say(f"run {published} is current in {options.database}")

    print_summary(figures, published, progress.seconds)
    if options.summary_json:
        write_summary(options.summary_json, figures, published, progress.seconds)
    return published


def compute(
    spark: SparkSession, options: Options, source: Input, progress: Progress, keep: Keep
) -> tuple[Rows, Figures]:
    """read -> validate -> aggregate -> rank: the rows to publish and what there is to say."""
    started_at = datetime.now(UTC)
    with progress.step("read"):
        movie_rows = read.read_movies(spark, source.movies)
        rating_rows = read.read_ratings(spark, source.ratings)
        progress.say(f"{source.movies.name} and {source.ratings.name}, as text")

    with progress.step("validate"):
        judged_movies = keep(validate.validate_movies(movie_rows))
        of_movies = validate.verdicts(judged_movies, rows=F.lit(1))
        movies = validate.accepted(judged_movies)
        judged_ratings = validate.validate_ratings(rating_rows, movies)
        progress.say(f"{of_movies.read:,} movies in, {of_movies.accepted:,} accepted")

    with progress.step("aggregate"):
        # The one pass over the ratings: their verdicts fall out of it together with the counts.
        tallies = keep(aggregate.tally(judged_ratings))
        of_ratings = validate.verdicts(tallies, rows=F.col("rows"))
        counts = aggregate.half_star_counts(tallies)
        totals = aggregate.totals(counts)
        progress.say(
            f"{of_ratings.read:,} ratings in, {of_ratings.accepted:,} accepted, "
            f"{totals.rated_movies:,} rated movies out"
        )

    with progress.step("rank"):
        ranked = keep(
            rank.rank(
                counts,
                prior_mean=totals.mean,
                prior_weight=options.prior_weight,
                min_ratings=options.min_ratings,
            )
        )
        movies_ranked = ranked.where(F.col("rank").isNotNull()).count()
        top = [row.asDict() for row in rank.top(ranked, movies, limit=TOP).collect()]
        progress.say(f"{totals.rated_movies:,} rated movies in, {movies_ranked:,} ranked")

    rejected = [
        validate.rejected(judged)
        for judged, verdicts in ((judged_movies, of_movies), (judged_ratings, of_ratings))
        if verdicts.rejected  # else the input is not read a second time to look for them
    ]
    figures = Figures(
        started_at=started_at,
        source=source,
        parameters=options.parameters(),
        versions={
            "job": revision(),
            "python": platform.python_version(),
            "spark": spark.version,
        },
        movies=of_movies,
        ratings=of_ratings,
        totals=totals,
        genre_rows=movies.select(F.explode("genres")).count(),
        movies_ranked=movies_ranked,
        prior_weight=options.prior_weight,
        min_ratings=options.min_ratings,
        top=top,
    )
    return Rows(ranked=ranked, movies=movies, rejected=rejected), figures


def _one_line(error: Exception) -> str:
    if isinstance(error, JobError):
        return str(error)
    first = (str(error).strip() or repr(error)).splitlines()[0]
    return f"{type(error).__name__}: {first} (--debug shows where)"


if __name__ == "__main__":
    sys.exit(main())
