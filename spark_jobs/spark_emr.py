"""The batch job: MovieLens files in, one published run out.

    spark-submit spark_jobs/spark_emr.py --input FOLDER --database URL

`run` reads like the flow: movies -> ratings -> rank -> gate -> publish. The ratings are
read, validated and aggregated in one pass over the executors.
"""

import platform
import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

if not __package__:  # run by its path, as spark-submit does: find the package beside it
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from spark_jobs import signals
from spark_jobs.input.splits import ends_within_a_line, plan_splits

if __name__ == "__main__":
    signals.watch()  # before the imports below, which take their time

from pyspark.sql import SparkSession

from spark_jobs import gate
from spark_jobs.errors import JobError, explain
from spark_jobs.input import movies, rejected_rows
from spark_jobs.input.files import Input, find_input
from spark_jobs.input.ratings import Known
from spark_jobs.input.rejection import Rejected, Verdicts
from spark_jobs.model import aggregate, rank
from spark_jobs.model.deduplicate import count_latest
from spark_jobs.options import Options, parse_options
from spark_jobs.progress import Progress, print_summary, warn, write_summary
from spark_jobs.revision import revision
from spark_jobs.run_report import Figures
from spark_jobs.session import spark_session
from spark_jobs.store.credentials import find_credentials
from spark_jobs.store.database import check_schema, connect
from spark_jobs.store.previous_run import TOP, read_former_run
from spark_jobs.store.publish import Rows, publish

Session = Callable[[], AbstractContextManager[SparkSession]]


def main(
    arguments: list[str] | None = None,
    *,
    session: Session = spark_session,
    log: Path | None = None,
) -> int:
    """Run the job; 0 when all went well, else not 0 and one line on stderr.

    `log` is where Spark speaks, if not here: what else there is to know of an error goes there.
    """
    options = parse_options(arguments)
    try:
        source = check_input(options)
        with session() as spark:
            run(spark, options, source)
    except KeyboardInterrupt:
        signals.last_word("error: interrupted")
        return 130
    except Exception as error:
        signals.last_word(f"error: {explain(error)}{_details(options, log)}")
        return 1
    return 0


def _details(options: Options, log: Path | None) -> str:
    """Leave the stack trace where it is looked for; where that is, unless it is here."""
    if options.debug:
        traceback.print_exc()
    if log is None or not log.exists():  # Spark was not started yet: the line says it all
        return ""
    with suppress(OSError), log.open("a", encoding="utf-8") as file:
        traceback.print_exc(file=file)
    return f" (details: {log})"


def check_input(options: Options) -> Input:
    """Look for the files before anything is started: Spark takes its seconds."""
    source = find_input(
        options.input, movies=options.movies, ratings=options.ratings, told=options.told()
    )
    if options.rejects:
        rejected_rows.check_free(options.rejects)
    if not source.has_times:
        warn("the ratings have no times: of a user's ratings of a movie the highest counts")
    for file in filter(ends_within_a_line, source.files):
        warn(f"{file.address} ends without a line end: its last row may have been cut short")
    return source


def run(spark: SparkSession, options: Options, source: Input) -> int | None:
    """The whole flow; the id of the published run, or None for a dry run."""
    progress = Progress()
    with progress.step("check"):
        credentials = find_credentials(options.db_secret)
        cipher = None
        if options.database:
            with connect(spark, options.database, credentials) as database:
                check_schema(database)
                cipher = database.cipher()
        target = options.database or "nothing to publish to"
        for description in source.descriptions():
            print(f"{'':10}           {description}", flush=True)
        progress.say(f"{source.prefix}, {source.size / 1e6:,.1f} MB; {target}")

    rows, figures = compute(spark, options, source, progress)
    figures = replace(figures, cipher=cipher)

    with progress.step("gate"):
        gate.check_nothing_is_empty(figures, rows.rejected_movies, rows.rejected_ratings)
        gate.check_scale(figures, rows.rejected_ratings, options.scale)
        gate.check_rejected(
            "movies", figures.movies, rows.rejected_movies, options.max_rejected, source.movies
        )
        gate.check_rejected(
            "ratings", figures.ratings, rows.rejected_ratings, options.max_rejected, source.ratings
        )
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

    try:
        print_summary(figures, published, progress.seconds)
        if options.summary_json:
            write_summary(options.summary_json, figures, published, progress.seconds)
    except OSError as error:
        done = f"run {published} is current" if published else "all went well"
        raise JobError(f"{done}, but the summary cannot be written: {error.strerror}") from error
    return published


def compute(
    spark: SparkSession, options: Options, source: Input, progress: Progress
) -> tuple[Rows, Figures]:
    """movies -> ratings -> rank: the rows to publish and what there is to say of them."""
    started_at = datetime.now(UTC)
    context = spark.sparkContext
    with progress.step("movies"):
        catalogue, other_movies = movies.read_movies(source.movies)
        codes = movies.codes(catalogue)
        if options.id_table:
            movies.write_id_table(options.id_table, catalogue)
        catalogue = catalogue.select(movies.SCHEMA.names)
        rejected_movies = Rejected.of(other_movies)
        of_movies = Verdicts.of(catalogue.num_rows, rejected_movies)
        progress.say(f"{of_movies.read:,} movies in, {of_movies.accepted:,} accepted")

    with progress.step("ratings"):
        splits = plan_splits("ratings", source.ratings)
        known = context.broadcast(Known(movies.movie_ids(catalogue), codes))
        tally = aggregate.tally(context, splits, known)
        counts = tally.counts
        if not tally.is_proved_distinct:
            counts = count_latest(context, splits, known, counts.ratings)
        superseded = tally.counts.ratings - counts.ratings
        of_ratings = Verdicts.of(counts.ratings, tally.rejected, superseded)
        not_rated = f", {tally.not_rated:,} not rated" if tally.not_rated else ""
        totals = aggregate.totals(counts)
        progress.say(
            f"{of_ratings.read:,} ratings in{not_rated}, {of_ratings.accepted:,} accepted, "
            f"{totals.rated_movies:,} rated movies out"
        )

    if options.rejects:
        with progress.step("rejects"):
            rejected_rows.write_rejected_movies(options.rejects, other_movies)
            if of_ratings.rejected:
                rejected_rows.write_rejected_ratings(context, options.rejects, splits, known)
            progress.say(f"all rejected rows are in {options.rejects}")

    with progress.step("rank"):
        ranked = rank.rank(
            movies.movie_ids(catalogue),
            catalogue["year"],
            counts,
            prior_mean=totals.mean,
            prior_weight=options.prior_weight,
            min_ratings=options.min_ratings,
            has_times=source.has_times,
        )
        movies_ranked = ranked.num_rows - ranked["rank"].null_count
        progress.say(f"{totals.rated_movies:,} rated movies in, {movies_ranked:,} ranked")

    figures = Figures(
        started_at=started_at,
        source=source,
        parameters={**options.parameters(), **source.facts(tally.not_rated)},
        versions={
            "job": revision(),
            "python": platform.python_version(),
            "spark": spark.version,
        },
        movies=of_movies,
        ratings=of_ratings,
        totals=totals,
        movies_ranked=movies_ranked,
        prior_weight=options.prior_weight,
        min_ratings=options.min_ratings,
        top=rank.top(ranked, catalogue, limit=TOP),
    )
    return Rows(ranked, catalogue, rejected_movies, tally.rejected), figures


if __name__ == "__main__":
    signals.leave_with(main)
