"""The site in the test's own thread and transaction: nothing known from another test."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from app import answers, edition


class SameThread(Executor):
    """Asks at once: another thread would not see what a test has not committed."""

    def submit(self, ask: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(ask(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture(autouse=True)
def nothing_is_known(monkeypatch):
    for memory in (answers.memory, answers.parts, answers.addresses):
        memory.clear()
    # The connection is the test's own.
    monkeypatch.setattr(edition, "close_old_connections", lambda: None)
    watch = edition.Watch(executor=SameThread(), reread_seconds=0)
    monkeypatch.setattr(edition, "watch", watch)
