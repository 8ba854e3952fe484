"""The steps that fit the models: each is announced and timed, and reports its result."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from pyspark import SparkContext

from spark_jobs.model.recommendations.memory import check_memory, machine_memory, tasks_at_once
from spark_jobs.model.recommendations.model_facts import ModelFacts
from spark_jobs.model.recommendations.models import Models
from spark_jobs.model.recommendations.shared_matrix import SharedMatrix
from spark_jobs.model.rows import DistributedRows, Rows
from spark_jobs.progress import Progress


@dataclass
class Fitted:
    """Table of the contract -> its rows, and what `app_run.fitted_models` says about them."""

    tables: dict[str, Rows]
    facts: ModelFacts


@dataclass(frozen=True)
class ModelSteps:
    """`newest` is the number of users who get lists, None for all of them.

    `resources` are released once the run has been published.
    """

    context: SparkContext
    models: Models
    newest: int | None
    progress: Progress
    resources: ExitStack

    def fit(self, *, limited: bool) -> Fitted:
        """Fit all models.

        Raises JobError, before any work, if they exceed the memory (`recommendations/memory.py`).
        """
        movies, config = len(self.models.movies), self.models.config
        if not movies:
            least = config.items.min_support
            self.progress.note(f"no models: no movie has {least} ratings (--min-support)")
            return Fitted({}, self.models.facts(lists=0, has_items=False))
        self._check_memory(limited=limited)
        self._deal_ratings()
        tables: dict[str, Rows] = {
            "app_visitorweights": self._fit_visitors(),
            "app_similarmovie": self._find_similar(),
        }
        if self.newest == 0:
            return Fitted(tables, self.models.facts(lists=0, has_items=False))
        lists = self._make_lists(self._fit_items())
        tables["app_userrecommendation"] = lists
        return Fitted(tables, self.models.facts(lists=lists.num_rows, has_items=True))

    def _check_memory(self, *, limited: bool) -> None:
        tasks = tasks_at_once(self.context)
        needed = check_memory(
            len(self.models.movies), tasks, available=machine_memory(), limited=limited
        )
        self.progress.note(f"models: {needed}")

    def _deal_ratings(self) -> None:
        with self.progress.step("users"):
            self.progress.say(f"the ratings of {self.models.users:,} users, by user")

    def _fit_visitors(self) -> pa.Table:
        with self.progress.step("visitors"):
            rows = self.models.visitors()
            self.progress.say(f"{len(self.models.movies):,} movies in, {rows.num_rows:,} rows out")
        return rows

    def _find_similar(self) -> pa.Table:
        with self.progress.step("similar"):
            rows = self.models.similar()
            self.progress.say(f"{len(self.models.movies):,} movies in, {rows.num_rows:,} rows out")
        return rows

    def _fit_items(self) -> SharedMatrix:
        with self.progress.step("items"):
            folder = Path(self.resources.enter_context(TemporaryDirectory()))
            weights = SharedMatrix.write(self.context, folder, self.models.item_weights())
            self.resources.callback(weights.delete)
            self.progress.say(f"{len(self.models.movies):,} movies in")
        return weights

    def _make_lists(self, weights: SharedMatrix) -> DistributedRows:
        with self.progress.step("personal"):
            lists = self.models.lists(weights, self.newest)
            self.resources.callback(lists.parts.unpersist)
            self.progress.say(f"{self.models.users:,} users in, {lists.num_rows:,} lists out")
        return lists
