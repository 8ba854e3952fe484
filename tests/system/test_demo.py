"""bin/demo, the first command that anybody types: a second start, until a signal ends it."""

import json
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.support.mariadb import free_port
from tests.support.processes import descendants, read_until, starting, wait_until
from tests.support.server import get
from tests.support.targets import ROOT

OF_THE_CHECKOUT = ("app", "datasets", "manage.py", "recsys", "spark_jobs", ".venv")


@pytest.fixture
def checkout(tmp_path) -> Path:
    """The project with a var/ of its own."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    for name in OF_THE_CHECKOUT:
        (tmp_path / name).symlink_to(ROOT / name)
    for file in ROOT.glob("requirements*.txt"):
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.fixture
def demo(checkout, dataset):
    """Start the demo; what still runs at the end is killed."""
    environment = os.environ | {"MOVIELENS_DIR": str(dataset)}
    with starting() as start:
        yield partial(start, checkout / "bin" / "demo", "--no-models",
                      env=environment, stderr=subprocess.STDOUT)  # fmt: skip


def current_run(port: int) -> int | None:
    """The id of the run that the site serves; None before it answers."""
    with suppress(OSError):
        return json.loads(get(f"http://127.0.0.1:{port}/health/")[1])["run"]["id"]
    return None


def test_a_second_demo_opens_with_the_previous_run_and_a_signal_ends_all_of_it(demo):
    first = demo("--no-serve")
    told, _ = first.communicate()
    assert first.returncode == 0, told
    port = free_port()
    second = demo("--port", str(port))
    read_until(second, f"http://127.0.0.1:{port}/ is open with the previous run")
    read_until(second, "movies ")  # the job has just begun
    wait_until(lambda: current_run(port), what="the site")
    read_until(second, "Ctrl-C stops it")
    wait_until(lambda: current_run(port) == 2, what="the new run")
    everything = descendants(second.pid)
    second.send_signal(signal.SIGTERM)
    assert second.wait() == 128 + signal.SIGTERM
    assert everything and not [pid for pid in everything if Path(f"/proc/{pid}/cmdline").exists()]
