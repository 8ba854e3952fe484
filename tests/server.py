"""The site as it is served: gunicorn over a target, and a client that asks it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.mariadb import free_port
from tests.targets import ROOT, Target


@contextmanager
def site(target: Target) -> Iterator[str]:
    """gunicorn over the target on a free port, stopped by its process id; yields the address."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "recsys.wsgi", "--bind", f"127.0.0.1:{port}",
         "--threads", "4", "--no-control-socket", "--log-level", "warning"],
        cwd=ROOT,
        env=os.environ | {"ENV_FILE": "/dev/null"} | target.environment,
    )  # fmt: skip
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
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
