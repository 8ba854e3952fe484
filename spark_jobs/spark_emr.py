"""The batch job: files of movies and ratings in, one published run out.

    spark-submit spark_jobs/spark_emr.py --input FOLDER --database URL

`run` reads like the flow: movies -> check -> ratings -> rank -> models -> evaluate -> gate ->
publish. One pass over the executors reads, validates and aggregates the ratings; the models and
the evaluation take the accepted ones by user. The steps are in `steps.py`.
"""

import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

if not __package__:  # run by path, as spark-submit does: find the package beside it
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from spark_jobs import signals, timeline

if __name__ == "__main__":
    signals.watch()  # before the imports below, which are slow

from spark_jobs.console import warn
from spark_jobs.explain import explain
from spark_jobs.input import rejected_rows
from spark_jobs.input.files.find import find_input
from spark_jobs.input.files.input_files import Input
from spark_jobs.input.files.splits import ends_within_a_line
from spark_jobs.options import Options, parse_options
from spark_jobs.session import Spark, start_spark
from spark_jobs.steps import Steps

StartSpark = Callable[[], AbstractContextManager[Spark]]


def main(arguments: list[str] | None = None) -> int:
    """Run the job. Return 0 on success, else a non-zero status after one line on stderr."""
    return execute(parse_options(arguments), start_spark)


def execute(options: Options, start: StartSpark, log: Path | None = None) -> int:
    """The same for parsed options and a given way to start Spark.

    `log` is the file that Spark logs to, if any; the details of an error go there as well.
    """
    try:
        with start() as spark:
            run(spark, options, check_input(options))
    except KeyboardInterrupt:
        signals.print_last("error: interrupted")
        return 130
    except Exception as error:
        signals.print_last(f"error: {explain(error)}{_details(options, log)}")
        return 1
    if options.profile:
        print(timeline.waterfall(), flush=True)
    return 0


def _details(options: Options, log: Path | None) -> str:
    """Write the stack trace; return where to find it, unless it is on stderr."""
    if options.debug:
        traceback.print_exc()
    if log is None or not log.exists():  # Spark has not started yet: the line says it all
        return ""
    with suppress(OSError), log.open("a", encoding="utf-8") as file:
        traceback.print_exc(file=file)
    return f" (details: {log})"


def check_input(options: Options) -> Input:
    """Find the files before Spark is needed, because starting it takes seconds."""
    with timeline.span("files found"):
        source = find_input(
            options.input,
            movies=options.movies,
            ratings=options.ratings,
            options=options.input_options(),
        )
    if options.rejects:
        rejected_rows.check_free(options.rejects)
    if not source.has_times:
        warn("the ratings have no times: a user's highest rating of a movie counts")
    for reason in source.unread:
        warn(reason)
    for file in filter(ends_within_a_line, source.files):
        warn(f"{file.address} ends without a line end: its last row may be cut short")
    return source


def run(spark: Spark, options: Options, source: Input) -> int | None:
    """Run the whole flow. Return the id of the published run, or None for a dry run."""
    steps = Steps(spark, options, source)
    with steps.resources:
        catalogue = steps.read_movies()
        cipher = steps.check()
        scan = steps.plan_scan(catalogue)
        aggregated = steps.aggregate(scan)
        steps.write_rejected_rows(scan, catalogue, aggregated)
        ranking = steps.rank(catalogue, aggregated)
        interactions = steps.interactions(scan, aggregated)
        fitted = steps.fit_models(catalogue, aggregated, interactions)
        evaluation = steps.evaluate(catalogue, aggregated, ranking, interactions)
        report = steps.report(catalogue, aggregated, ranking, fitted, evaluation, cipher)
        report = steps.pass_gates(report, catalogue, aggregated)
        published = steps.publish(report, catalogue, aggregated, ranking, fitted)
    steps.summarise(report, published)
    return published


if __name__ == "__main__":
    signals.run_and_exit(main)
