"""The steps of a run: each is announced and timed, and reports its result."""

import platform
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from spark_jobs.errors import JobError
from spark_jobs.evaluation.evaluate import Evaluation, evaluate
from spark_jobs.evaluation.sample import LEAST_RATINGS, MOST_RATINGS, MOST_USERS, Sample
from spark_jobs.evaluation.systems import RankingParameters
from spark_jobs.gate.checks import check_against_previous, check_result
from spark_jobs.input.files.input_files import Input
from spark_jobs.input.files.splits import plan_splits
from spark_jobs.input.movies.catalogue import Catalogue, movie_ids, read_catalogue
from spark_jobs.input.ratings.scan import Scan
from spark_jobs.input.rejected_rows import (
    write_rejected_details,
    write_rejected_movies,
    write_rejected_ratings,
)
from spark_jobs.model.aggregation.aggregate import Aggregated, aggregate
from spark_jobs.model.ranking.prior_weight import PriorWeight
from spark_jobs.model.ranking.ranking import Ranking, make_ranking
from spark_jobs.model.ranking.weighted_rating import top
from spark_jobs.model.recommendations.interactions import Interactions, UserBlock
from spark_jobs.model.recommendations.model_movies import ModelMovies, genre_matrix
from spark_jobs.model.recommendations.models import Models
from spark_jobs.model_steps import Fitted, ModelSteps
from spark_jobs.options import Options
from spark_jobs.progress import Progress, print_summary, write_summary
from spark_jobs.revision import revision
from spark_jobs.run_report import RunReport
from spark_jobs.session import Spark
from spark_jobs.store.address import Address
from spark_jobs.store.credentials import Credentials, find_credentials
from spark_jobs.store.database import check_schema, connect
from spark_jobs.store.engine import Database
from spark_jobs.store.previous_run import TOP, read_previous_run
from spark_jobs.store.publish import publish
from spark_jobs.store.tables import run_tables


@dataclass
class Steps:
    """One run in progress. `run` passes the results of the steps from one to the next."""

    spark: Spark
    options: Options
    source: Input
    progress: Progress = field(default_factory=Progress)
    resources: ExitStack = field(default_factory=ExitStack)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def check(self) -> str | None:
        """Check that the database can be published to. Return the cipher of its connection."""
        with self.progress.step("check"):
            cipher, credentials = None, self._credentials
            if self.options.database:
                with connect(self.spark, self.options.database, credentials) as database:
                    check_schema(database)
                    cipher = database.cipher()
            for description in self.source.descriptions():
                self.progress.note(description)
            target = self.options.database or "nothing to publish to"
            self.progress.say(f"{self.source.prefix}, {self.source.size / 1e6:,.1f} MB; {target}")
        return cipher

    def read_movies(self) -> Catalogue:
        """Read the catalogue, and the rows that are not in it."""
        with self.progress.step("movies"):
            catalogue = read_catalogue(self.source.movies, self.options.id_table)
            catalogue = catalogue.with_details(self.source)
            for kind, of_kind in catalogue.details.rows.items():
                self.progress.note(f"{of_kind.read:,} {kind} in, {of_kind.accepted:,} accepted")
            rows = catalogue.rows
            self.progress.say(f"{rows.read:,} movies in, {rows.accepted:,} accepted")
        return catalogue

    def plan_scan(self, catalogue: Catalogue) -> Scan:
        """Plan how the ratings are read, however often that is needed."""
        context = self.spark.context
        splits = plan_splits("ratings", self.source.ratings)
        return Scan(context, splits, context.broadcast(catalogue.index))

    def aggregate(self, scan: Scan) -> Aggregated:
        """Count each movie's half-stars in one pass over the ratings."""
        with self.progress.step("ratings"):
            aggregated = aggregate(scan)
            rows = aggregated.rows
            not_rated = f", {aggregated.not_rated:,} not rated" if aggregated.not_rated else ""
            self.progress.say(
                f"{rows.read:,} ratings in{not_rated}, {rows.accepted:,} accepted, "
                f"{aggregated.totals.rated_movies:,} rated movies out"
            )
        return aggregated

    def write_rejected_rows(self, scan: Scan, catalogue: Catalogue, aggregated: Aggregated) -> None:
        """Write all of them to files, if the operator asked for it."""
        if not self.options.rejects:
            return
        with self.progress.step("rejects"):
            write_rejected_movies(self.options.rejects, catalogue.rejected_rows)
            write_rejected_details(self.options.rejects, self.source, catalogue.movies)
            if aggregated.rows.rejected:
                write_rejected_ratings(self.options.rejects, scan)
            self.progress.say(f"all rejected rows are in {self.options.rejects}")

    def rank(self, catalogue: Catalogue, aggregated: Aggregated) -> Ranking:
        """Compute what follows from the counts of each rated movie."""
        with self.progress.step("rank"):
            ranking = make_ranking(
                movie_ids(catalogue.movies),
                aggregated.counts,
                prior_mean=aggregated.totals.mean,
                given_weight=self.options.prior_weight,
                min_ratings=self.options.min_ratings,
                has_times=self.source.has_times,
            )
            if self.options.prior_weight is None:
                self.progress.note(_description(ranking.prior))
            rated = aggregated.totals.rated_movies
            self.progress.say(f"{rated:,} rated movies in, {ranking.movies_ranked:,} ranked")
        return ranking

    def interactions(self, scan: Scan, aggregated: Aggregated) -> Interactions:
        """The ratings by user: partitioned on first use, and kept until `resources` close."""
        interactions = Interactions.of(scan, aggregated.totals.ratings)
        self.resources.callback(interactions.release)
        return interactions

    def fit_models(
        self, catalogue: Catalogue, aggregated: Aggregated, interactions: Interactions
    ) -> Fitted | None:
        """Fit similar movies, visitors' weights and personal lists."""
        if self.options.no_models:
            return None
        config, limited = self.options.model_config(), self.options.max_items is not None
        kept = ModelMovies.of(catalogue.movies, aggregated.counts, config.items)
        models = Models(interactions, kept, config)
        steps = ModelSteps(
            self.spark.context, models, self.options.users, self.progress, self.resources
        )
        return steps.fit(limited=limited)

    def evaluate(
        self,
        catalogue: Catalogue,
        aggregated: Aggregated,
        ranking: Ranking,
        interactions: Interactions,
    ) -> Evaluation | None:
        """Measure the recommendations on the ratings of some or all users."""
        if self.options.no_models or self.options.no_evaluate:
            return None
        with self.progress.step("evaluate"):
            block = _sample(interactions, aggregated)
            if block is None:
                self.progress.say(f"nothing is measured with fewer than {LEAST_RATINGS:,} ratings")
                return None
            evaluation = evaluate(
                Sample.of(block, genre_matrix(catalogue.movies["genres"].to_pylist())),
                self.options.model_config(),
                RankingParameters(ranking.prior.weight, self.options.min_ratings),
                has_times=self.source.has_times,
                is_sample=len(block.movie_index) < aggregated.totals.ratings,
            )
            for line in evaluation.lines():
                self.progress.note(line)
            self.progress.say(f"{evaluation.ratings:,} ratings of {evaluation.users:,} users")
        return evaluation

    def report(
        self,
        catalogue: Catalogue,
        aggregated: Aggregated,
        ranking: Ranking,
        fitted: Fitted | None,
        evaluation: Evaluation | None,
        cipher: str | None,
    ) -> RunReport:
        """Report the run, before it has a number."""
        return RunReport(
            started_at=self.started_at,
            source=self.source,
            parameters={
                **self.options.parameters(),
                **self.source.facts(aggregated.not_rated),
                **ranking.facts(),
            },
            versions={
                "job": revision(),
                "python": platform.python_version(),
                "spark": self.spark.context.version,
            },
            movies=catalogue.rows,
            ratings=aggregated.rows,
            totals=aggregated.totals,
            movies_ranked=ranking.movies_ranked,
            prior_weight=ranking.prior.weight,
            min_ratings=self.options.min_ratings,
            details=catalogue.details.rows,
            top=top(ranking.rows, catalogue.movies, limit=TOP),
            cipher=cipher,
            fitted_models=fitted.facts if fitted else None,
            evaluation=evaluation.as_json() if evaluation else None,
        )

    def pass_gates(
        self, report: RunReport, catalogue: Catalogue, aggregated: Aggregated
    ) -> RunReport:
        """Add the overruled gates to the report. JobError if one stays closed."""
        rejected = {"movies": catalogue.rejected, "ratings": aggregated.rejected}
        scale, limit = self.options.scale, self.options.max_rejected
        with self.progress.step("gate"):
            check_result(report, rejected, scale=scale, limit=limit)
            if not self.options.database:
                return report
            with self._connect(self.options.database) as database:
                previous = read_previous_run(database)
            if previous is None:
                self.progress.say("the first run")
                return report
            overruled = check_against_previous(report, previous, self.options.allow)
            self.progress.say(f"compared with run {previous.run}")
        return replace(report, overruled_gates=overruled)

    def publish(
        self,
        report: RunReport,
        catalogue: Catalogue,
        aggregated: Aggregated,
        ranking: Ranking,
        fitted: Fitted | None,
    ) -> int | None:
        """Publish the run. Return its id, or None for a dry run."""
        if self.options.dry_run or not self.options.database:
            return None
        with self.progress.step("publish"):
            rejected = (
                catalogue.rejected,
                aggregated.rejected,
                *catalogue.details.rejected.values(),
            )
            tables = run_tables(catalogue.movies, ranking.rows, rejected)
            tables |= fitted.tables if fitted else {}
            with self._connect(self.options.database) as database:
                run = publish(database, tables, report, keep_runs=self.options.keep_runs)
            self.progress.say(f"run {run} is current in {self.options.database}")
        return run

    def summarise(self, report: RunReport, published: int | None) -> None:
        """Print the summary, and write it as JSON if the operator asked for it."""
        try:
            print_summary(report, published, self.progress.seconds)
            if path := self.options.summary_json:
                write_summary(path, report, published, self.progress.seconds)
        except OSError as error:
            done = f"run {published} is current" if published else "all went well"
            reason = error.strerror
            raise JobError(f"{done}, but the summary cannot be written: {reason}") from error

    @cached_property
    def _credentials(self) -> Credentials:
        return find_credentials(self.options.db_secret)

    def _connect(self, address: Address) -> AbstractContextManager[Database]:
        return connect(self.spark, address, self._credentials)


def _sample(interactions: Interactions, aggregated: Aggregated) -> UserBlock | None:
    """The ratings to measure with; None, without a shuffle, if there are too few."""
    if aggregated.totals.ratings < LEAST_RATINGS:
        return None
    block = interactions.sample(MOST_USERS, MOST_RATINGS)
    return block if len(block.movie_index) >= LEAST_RATINGS else None


def _description(prior: PriorWeight) -> str:
    if prior.estimated:
        return f"the data gives a prior weight m of {prior.weight:.3g} ratings"
    return (
        "the data gives no prior weight, because its movies or ratings differ too little: "
        f"m is the classic {prior.weight:g}"
    )
