"""The site as it is served: gunicorn over a target, and a client that asks it."""

import fcntl
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from uuid import uuid4

from tests.support.mariadb import free_port
from tests.support.targets import ROOT, Target, manage

PRODUCTION = {
    "DEBUG": "0",
    "HTTPS": "0",
    "SECRET_KEY": "x" * 50,
    "ALLOWED_HOSTS": "127.0.0.1",
}
"""The settings of production, but for TLS."""
THIS_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
"""The same for all workers of a run of the tests."""


@contextmanager
def site(target: Target, *, log: Path | None = None, **environment: str) -> Iterator[str]:
    """gunicorn over the target on a free port, stopped by its process id; yields the address."""
    with gunicorn(target, log=log, **environment) as (_, address):
        yield address


@contextmanager
def production_site(target: Target, **environment: str) -> Iterator[str]:
    """A site as in production, its static files collected."""
    _collect_static_files(target)
    with site(target, log=None, **PRODUCTION | {"ACCESS_LOG": "0"} | environment) as address:
        yield address


def _collect_static_files(target: Target) -> None:
    """Once in a run of the tests: a site that another worker started serves them by now."""
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "static-collected-by").open("a+") as collected_by:
        fcntl.flock(collected_by, fcntl.LOCK_EX)
        collected_by.seek(0)
        if collected_by.read() != THIS_RUN:
            manage(target, "collectstatic", "--noinput", **PRODUCTION)
            collected_by.truncate(0)
            collected_by.write(THIS_RUN)


@contextmanager
def gunicorn(
    target: Target,
    *,
    log: Path | None = None,
    config: str = "python:recsys.gunicorn",
    **environment: str,
) -> Iterator[tuple[subprocess.Popen, str]]:
    """The process and the address that it answers to; what it logs is kept in the file."""
    port = free_port()
    with log.open("w") if log else nullcontext() as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", config,
             "--bind", f"127.0.0.1:{port}", "recsys.wsgi"],
            cwd=ROOT,
            env=os.environ | {"ENV_FILE": "/dev/null"} | target.environment | environment,
            stderr=file,
        )  # fmt: skip
    try:
        _wait_for(port)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=45)  # longer than gunicorn gives a worker for its last answers


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            # A connection alone would only show that the address is taken: workers come later.
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live/", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")


def get(url: str, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
