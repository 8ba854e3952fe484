"""The catalogues in the memory of this process: the current one, and a few of earlier runs.

Earlier ones are loaded when a request names their run, in a separate thread. The one that was
current stays as it is when another replaces it: readers who are paging in it find the same titles
and genres.
"""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from threading import RLock

from django.db import close_old_connections

from app.catalogue.catalogue import Catalogue
from app.catalogue.loader import consistent_read, load_catalogue, load_runs
from app.catalogue.runs import RunFigures
from app.serving.state import RunState, read_run_state, read_state
from app.serving.version import CatalogueVersion
from app.web.problems import loading, unavailable

EARLIER = 2
"""How many catalogues are kept besides the current one."""
LOAD_PATIENCE_SECONDS = 3.0
"""How long a request waits for a catalogue that is being loaded."""


class CatalogueStore:
    """Holds the catalogues of this process, and loads more."""

    def __init__(self, executor: Executor | None = None) -> None:
        self._executor = executor or ThreadPoolExecutor(1, "catalogue")
        self._lock = RLock()  # an executor may load in the very thread that holds it
        self._loaded: OrderedDict[str, Catalogue] = OrderedDict()
        self._loading: dict[int, Future[Catalogue]] = {}

    def load_current(self) -> CatalogueVersion | None:
        """Load the version in force; None if nothing was published."""
        close_old_connections()
        with consistent_read():
            state = read_state()
            if state is None:
                return None
            runs = load_runs()
            run = next(run for run in runs if run.id == state.run.run_id)
            return CatalogueVersion(state, self._load(run, state.run), runs, self.find)

    def find(self, run: RunFigures, digest: str | None = None) -> Catalogue:
        """The catalogue of a kept run, if possible the one with this digest.

        Raises Problem (503) if loading takes long, or whatever the database raises.
        """
        if found := self._known(run, digest):
            return found
        future = self._begin(run)
        wait([future], timeout=LOAD_PATIENCE_SECONDS)
        if not future.done():
            raise loading(f"Run {run.id}")
        return future.result()

    def submit(self, task: Callable[[], None]) -> "Future[None]":
        """Run a task in the loading thread."""
        return self._executor.submit(task)

    def _known(self, run: RunFigures, digest: str | None) -> Catalogue | None:
        with self._lock:
            of_run = [one for one in self._loaded.values() if _is_of(one, run)]
            exact = (one for one in of_run if one.digest == digest)
            found = next(exact, of_run[-1] if of_run else None)
            if found:
                self._loaded.move_to_end(found.digest)
            return found

    def _begin(self, run: RunFigures) -> "Future[Catalogue]":
        with self._lock:
            future = self._loading.get(run.id)
            if future is None or future.done():
                future = self._executor.submit(self._load_earlier, run)
                self._loading[run.id] = future
            return future

    def _load_earlier(self, run: RunFigures) -> Catalogue:
        close_old_connections()
        with consistent_read():
            state = read_run_state(run.id)
            if state is None:
                raise unavailable("loading", f"Run {run.id} is gone.", retry=2)
            return self._load(run, state)

    def _load(self, run: RunFigures, state: RunState) -> Catalogue:
        """The catalogue as the database has it, marked as the most recently used one."""
        with self._lock:
            found = self._loaded.get(state.catalogue)
        catalogue = found or load_catalogue(
            run, previous_run=state.previous_run, digest=state.catalogue
        )
        with self._lock:
            self._loaded[catalogue.digest] = catalogue
            self._loaded.move_to_end(catalogue.digest)
            while len(self._loaded) > EARLIER + 1:
                self._loaded.popitem(last=False)
        return catalogue


def _is_of(catalogue: Catalogue, run: RunFigures) -> bool:
    """Compare times, too: a restored backup may have another run with this number."""
    of = catalogue.run
    return (of.id, of.started_at, of.finished_at) == (run.id, run.started_at, run.finished_at)
