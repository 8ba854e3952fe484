"""The watcher: which version of the catalogue this process shows.

It asks the database at most once a second what is in force, loads a new run in the background, and
keeps serving what it has while the database is unavailable.
"""

import gc
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from threading import RLock

from django.db import OperationalError, close_old_connections, connections

from app.catalogue.loader import consistent_read
from app.serving.kept_decisions import DecisionHistory, keep_decisions
from app.serving.state import PublishedState, read_state
from app.serving.store import LOAD_PATIENCE_SECONDS, CatalogueStore
from app.serving.version import CatalogueVersion
from app.web.problems import DATABASE_ERRORS, NO_RUN, loading, unavailable

CHECK_SECONDS = 1.0
PATIENCE_SECONDS = 1.0
PATIENCE_IN_TROUBLE_SECONDS = 0.1
RETRY_SECONDS = 30.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VersionCheck:
    """The result of asking the database. Times are in seconds of the monotonic clock."""

    version: CatalogueVersion | None = None
    """What this process shows; None before anything is loaded or published."""
    published: bool = True
    """Whether the database has a current run; true until it is asked."""
    error: Exception | None = None
    """The database's error, if it did not answer."""
    checked_at: float = float("-inf")
    answered_at: float = float("-inf")

    @property
    def age(self) -> int:
        """Seconds since the database last confirmed the version."""
        return round(time.monotonic() - self.answered_at)

    def current(self) -> CatalogueVersion:
        """The version to show. Raises Problem (503), or what the database raised."""
        if self.version:
            return self.version
        if self.error:
            raise self.error.with_traceback(None)  # one object is raised for all requests
        if not self.published:
            raise unavailable(NO_RUN, "No run has been published yet: run the batch job first.")
        raise loading("The current run")


def read_published_state() -> PublishedState | None:
    close_old_connections()
    with consistent_read():
        return read_state()


class VersionWatcher:
    """Each process has one. It asks and loads in its own threads, so no request waits for long.

    A check made less than CHECK_SECONDS ago is returned as it is. Otherwise the database is asked;
    a request waits for it up to PATIENCE_SECONDS, or PATIENCE_IN_TROUBLE_SECONDS once it has failed
    to answer, and then gets its answer from what is loaded.
    """

    def __init__(
        self,
        read: Callable[[], PublishedState | None] = read_published_state,
        *,
        store: CatalogueStore | None = None,
        executor: Executor | None = None,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        self._read = read
        self._store = store or CatalogueStore()
        self._executor = executor or ThreadPoolExecutor(1, "version")
        self._check_seconds = check_seconds
        self._lock = RLock()  # an executor may ask in the thread that holds it
        self._question: Future[None] | None = None
        self._asked_at = 0.0
        self._loading: Future[None] | None = None
        self._load_failed_at = float("-inf")
        self._last = VersionCheck()
        self.history = DecisionHistory(lambda: self._last.error is not None)

    def check(self, *, now: bool = False) -> VersionCheck:
        """The last check; with `now` the database is asked however recent that is."""
        recent = time.monotonic() - self._last.checked_at < self._check_seconds
        # A process with nothing to show looks for the first publish at once.
        waiting = self._last.version is None and not self._last.error
        if now or waiting or not recent:
            self._ask()
        if self._last.version is None and not self._last.error:
            self._wait_for_loading()
        return self._last

    def refresh(self) -> VersionCheck:
        """Check now, and wait up to LOAD_PATIENCE_SECONDS for a new run to be loaded."""
        self.check(now=True)
        self._wait_for_loading()
        return self._last

    @property
    def last(self) -> VersionCheck:
        """The last check, however old, without asking or waiting."""
        return self._last

    def invalidate(self) -> None:
        """Make the next check ask the database, after it raised an error in a request."""
        with self._lock:
            self._last = replace(self._last, checked_at=float("-inf"))

    def load_before_fork(self) -> None:
        """Load the version in force, if there is one, into memory that workers will share.

        No thread is started and no connection stays open: neither survives a fork.
        """
        self.catch_up()
        gc.collect()
        gc.freeze()  # the collector would write to shared memory

    def catch_up(self) -> None:
        """Load what is in force now, in this thread, before any request is served."""
        try:
            self._check(time.monotonic(), load=self._load)
        finally:
            connections.close_all()

    def watch(self) -> None:
        """Check forever, so that a process without requests also loads a new run in time."""
        while True:
            try:
                self.check()
            except Exception:
                logger.exception("the version of the catalogue cannot be checked")
            time.sleep(self._check_seconds)

    def _ask(self) -> None:
        """Ask the database, unless it is already being asked, and wait for a moment."""
        with self._lock:
            if self._question is None or self._question.done():
                self._asked_at = time.monotonic()
                self._question = self._executor.submit(self._check, self._asked_at)
            question = self._question
        patience = PATIENCE_IN_TROUBLE_SECONDS if self._last.error else PATIENCE_SECONDS
        wait([question], timeout=max(0.0, self._asked_at + patience - time.monotonic()))
        with self._lock:
            if question.done():
                question.result()  # raises errors that are not the database's, but bugs
            else:
                silent = OperationalError("The database does not answer.")
                self._last = replace(self._last, error=silent, checked_at=time.monotonic())

    def _wait_for_loading(self) -> None:
        if self._loading:
            wait([self._loading], timeout=LOAD_PATIENCE_SECONDS)

    def _check(self, asked_at: float, load: Callable[[], None] | None = None) -> None:
        try:
            state = self._read()
        except DATABASE_ERRORS as error:
            with self._lock:
                if not self._last.error:
                    logger.warning("the database is unavailable: %s", error)
                self._last = replace(self._last, error=error, checked_at=asked_at)
            return
        with self._lock:
            self._last = replace(
                self._last,
                published=state is not None,
                error=None,
                checked_at=asked_at,
                answered_at=time.monotonic(),
            )
            is_loaded = self._follow(state)
        if not is_loaded:
            (load or self._load_aside)()

    def _follow(self, state: PublishedState | None) -> bool:
        """Show what is in force if it is loaded; return whether it was."""
        version = self._last.version
        if state is None:
            self._last = replace(self._last, version=None)
        elif version is None or version.state.run != state.run:
            return False
        else:
            self._show(version.with_decisions(state.decisions))
        return True

    def _load_aside(self) -> None:
        with self._lock:
            under_way = self._loading and not self._loading.done()
            if not under_way and time.monotonic() - self._load_failed_at > RETRY_SECONDS:
                self._loading = self._store.submit(self._load)

    def _load(self) -> None:
        try:
            version = self._store.load_current()
        except DATABASE_ERRORS as error:
            with self._lock:
                self._last = replace(self._last, error=error)
        except Exception:
            logger.exception("the catalogue of the current run cannot be loaded")
            self._load_failed_at = time.monotonic()
        else:
            with self._lock:
                self._show(version)

    def _show(self, version: CatalogueVersion | None) -> None:
        before, self._last = self._last.version, replace(self._last, version=version)
        if version is None:
            return
        decisions = version.state.decisions
        self.history.add(decisions)
        if before and before.state.decisions != decisions:
            self._store.submit(partial(keep_decisions, before.state.decisions, decisions))


watcher = VersionWatcher()
"""The watcher of this process."""
