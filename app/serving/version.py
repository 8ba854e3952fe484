"""A version of the catalogue: a run, curators' decisions, and which other runs are kept.

Every answer is a function of a version and of its parameters, so it cannot mix two. `next` of a
list names the version that the list came from. It is served for as long as any process knows it;
after that only the run stays the same, and the answer says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from app.catalogue.catalogue import Catalogue, CuratedCatalogue
from app.catalogue.decisions import Decisions
from app.catalogue.digest import digest
from app.catalogue.errors import RunNotFound, RunNotKept
from app.catalogue.runs import RunFigures
from app.serving.kept_decisions import DecisionHistory
from app.serving.state import PublishedState
from app.web.problems import unavailable

CHANGED = (
    "The requested version of the catalogue is gone: this page is of the same run, but curators' "
    "decisions, titles or genres may differ from the previous pages."
)


FindRun = Callable[[RunFigures, str | None], Catalogue]
"""The catalogue of a kept run, if possible the one with this digest; it may have to be loaded."""


@dataclass(frozen=True)
class CatalogueVersion:
    """A catalogue with curators' decisions, among the published runs."""

    state: PublishedState
    catalogue: Catalogue
    runs: tuple[RunFigures, ...]
    """All that were ever published, the newest first."""
    find_run: FindRun = field(repr=False, compare=False)

    @cached_property
    def curated(self) -> CuratedCatalogue:
        return CuratedCatalogue.of(self.catalogue, self.state.decisions)

    @cached_property
    def token(self) -> str:
        """Identifies the catalogue and the decisions, which must be the same on all pages."""
        return f"{self.catalogue.digest}-{self.state.decisions.digest}"

    @cached_property
    def revision(self) -> str:
        """Identifies everything that answers depend on besides their parameters."""
        return digest(repr([self.token, self.state.run.runs]))

    @property
    def run(self) -> RunFigures:
        """The run of its catalogue."""
        return self.catalogue.run

    @property
    def genres(self) -> tuple[str, ...]:
        """All genres of the catalogue, in alphabetical order."""
        return self.catalogue.genres

    @property
    def current_run(self) -> RunFigures:
        """The site's current run; `run` may be another one that a request named."""
        return next(run for run in self.runs if run.status == "current")

    @property
    def kept(self) -> tuple[int, ...]:
        """The runs that can be requested, the newest first."""
        return tuple(run.id for run in self.runs if run.kept)

    def published_run(self, run_id: int) -> RunFigures:
        """The figures of a run that is or was current. Raises RunNotFound."""
        for run in self.runs:
            if run.id == run_id:
                return run
        raise RunNotFound(run_id)

    def runs_up_to(self, run_id: int | None) -> list[RunFigures]:
        """The runs from this one, by default the newest, to the oldest. Raises RunNotFound."""
        newest = self.published_run(run_id) if run_id else self.runs[0]
        return [run for run in self.runs if run.id <= newest.id]

    def with_decisions(self, decisions: Decisions) -> "CatalogueVersion":
        """The same catalogue with other decisions."""
        if decisions == self.state.decisions:
            return self
        return replace(self, state=replace(self.state, decisions=decisions))

    def of_run(self, run_id: int | None, *, digest: str | None = None) -> "CatalogueVersion":
        """The same decisions for a kept run, if possible for the catalogue with this digest.

        Raises RunNotKept, Problem (503) if loading takes long, or whatever the database raises.
        """
        if run_id is None or (run_id == self.run.id and digest in (None, self.catalogue.digest)):
            return self
        run = next((run for run in self.runs if run.id == run_id and run.kept), None)
        if run is None:
            raise RunNotKept(run_id, self.kept)
        return replace(self, catalogue=self.find_run(run, digest))

    def pinned(
        self, history: DecisionHistory, *, run_id: int | None, token: str | None
    ) -> "CatalogueVersion":
        """The version of a run, if possible the one that the token names. Raises like `of_run`."""
        if token is None:
            return self.of_run(run_id)
        catalogue_digest, _, decisions_digest = token.partition("-")
        decisions = history.find(decisions_digest)
        version = self.of_run(run_id, digest=catalogue_digest)
        return version if decisions is None else version.with_decisions(decisions)

    def change_notice(self, token: str | None) -> str | None:
        """What the reader of a list should know if the token names another version."""
        return None if token in (None, self.token) else CHANGED

    def check_rows(self) -> None:
        """Raises Problem (503) if the run counts ranked movies, but has no rows to show."""
        if self.run.movies_ranked and not self.catalogue.rated:
            raise unavailable(
                "run_without_rows",
                f"Run {self.run.id} counts {self.run.movies_ranked:,} ranked movies, but has no "
                "rows: run the batch job again, or go back to a kept run (manage.py runs).",
                run=self.run.id,
            )
