"""bin/job from a stranger's shell: other folders, other environments, signals, no room."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.job.conftest import movie, rating
from tests.support.processes import (
    command_line,
    descendants,
    read_until,
    starting,
    wait_until,
)
from tests.support.targets import ROOT

JOB = ROOT / "bin" / "job"
FOREIGN = {
    "SPARK_HOME": "/opt/spark",
    "PYSPARK_PYTHON": "/opt/python",
    "PYSPARK_DRIVER_PYTHON": "jupyter",
    "PYSPARK_SUBMIT_ARGS": "--master yarn",
    "PYTHONPATH": "/opt/python/lib",
    "PYTHONHOME": "/opt/python",
    "SPARK_CONF_DIR": "/etc/spark/conf",
    "SPARK_MASTER": "yarn",
    "SPARK_REMOTE": "sc://elsewhere",
    "_JAVA_OPTIONS": "-Xmx1m",
    "JAVA_TOOL_OPTIONS": "-javaagent:/opt/agent.jar",
    "CDPATH": "/",
}


@pytest.fixture
def clone(tmp_path):
    """What the job needs, under a path that needs care, without rights on var/."""
    folder = tmp_path / "我的 clone's"
    shutil.copytree(ROOT / "bin", folder / "bin")
    shutil.copytree(ROOT / "spark_jobs", folder / "spark_jobs")
    for file in ROOT.glob("requirements*.txt"):
        shutil.copy(file, folder)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "var").touch()  # no folder: also root, whom no rights bind, can keep nothing there
    return folder


def test_the_job_runs_from_anywhere_in_any_environment(clone, write_input, sqlite_target, tmp_path):
    caller = tmp_path / "caller"
    caller.mkdir()
    (tmp_path / "recommend").symlink_to(clone / "bin" / "job")
    write_input(ratings=[rating(), rating(2, stars=9)]).rename(caller / "输入")
    (caller / "pyarrow.py").write_text("raise SystemExit('the caller has files of his own')")
    shutil.copy(sqlite_target.path, caller / "here.sqlite3")
    done = subprocess.run(
        ["bash", "-c", 'exec recommend "$@" <&- >&-', "-",
         "--input", "输入", "--database", "sqlite:///here.sqlite3", "--min-ratings", "1",
         "--max-rejected", "100%", "--rejects", "rejected", "--summary-json", "summary.json"],
        cwd=caller, env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "LC_ALL": "C"} | FOREIGN,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    words = done.stderr.splitlines()
    assert {line.split(":")[0] for line in words} == {"warning"}
    for name in FOREIGN.keys() - {"CDPATH"}:
        assert name in done.stderr
    assert f"cannot keep a class archive for Spark in {clone}/var" in done.stderr
    assert (caller / "summary.json").is_file() and list((caller / "rejected").iterdir())
    with closing(sqlite3.connect(caller / "here.sqlite3")) as database:
        assert database.execute("SELECT status, error FROM app_run").fetchall() == [("current", "")]


@pytest.mark.parametrize("name", ["SPARK_LOCAL_DIRS", "TMPDIR"])
def test_an_unusable_scratch_folder_is_named(write_input, name):
    done = subprocess.run(
        [JOB, "--input", write_input(), "--dry-run"],
        env=os.environ | {name: "/nowhere"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith(f"error: {name} is not a folder for scratch files: /nowhere: No such")


def test_an_error_is_one_line_and_the_rest_is_in_the_log_that_it_names(write_input):
    many = write_input([movie(number) for number in range(1, 20_000)])  # 80 kB go to the workers
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 50 && exec "$@"', "-",
         JOB, "--input", many, "--dry-run"],
        env=plain_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: no space left on the disk; free some")
    log = Path(line.rpartition("(details: ")[2].removesuffix(")"))
    assert "Traceback" in log.read_text()
    log.unlink()


def plain_environment() -> dict[str, str]:
    """Nothing that the job would say a word about."""
    ours = ("SPARK_", "PYSPARK_", "JDK_JAVA")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture
def start(write_input, sqlite_target):
    """Start the job in a group of its own."""
    with starting() as start:

        def start_job(*command: str) -> subprocess.Popen:
            return start(
                *(command or [JOB]), "--input", write_input(), "--min-ratings", "1",
                "--database", sqlite_target.address,
                env=plain_environment(), cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE,
            )  # fmt: skip

        yield start_job


def alive(pids):
    """Those that run: a zombie only waits for its parent."""
    return [pid for pid in pids if command_line(pid)]


def hears(pid, number):
    """Whether the process has come so far that it answers the signal."""
    caught = re.search(r"^SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return bool(int(caught[1], 16) >> (number - 1) & 1)


def is_starting_java(process):
    return any("java" in command_line(pid) for pid in descendants(process.pid))


@pytest.mark.parametrize(
    ("name", "send", "moment"),
    [
        ("SIGTERM", os.kill, "shell"),
        ("SIGINT", os.killpg, "java"),
        ("SIGHUP", os.kill, "ratings"),
        ("SIGTERM", os.killpg, "publish"),
        ("SIGINT", os.kill, "publish"),
    ],
)
def test_a_signal_ends_the_job_at_once_with_one_line(start, sqlite_target, name, send, moment):
    number = getattr(signal, name)
    with closing(sqlite3.connect(sqlite_target.path, isolation_level=None)) as other:
        process = start()
        if moment == "java":
            wait_until(lambda: is_starting_java(process))
        elif moment == "shell":
            wait_until(lambda: hears(process.pid, number))
        else:
            read_until(process, "ratings")
            other.execute("BEGIN IMMEDIATE")  # publishing waits for this one
            if moment == "publish":
                read_until(process, "publish")
        # The shell soon gives way to Python, and a signal between the two is heard by neither.
        family = [] if moment == "shell" else descendants(process.pid)
        send(process.pid, number)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert err.count("\n") == 1
    assert err.startswith(f"error: interrupted by {name}")
    wait_until(lambda: not alive(family), seconds=5, what="no process is left")
    assert sqlite_target.rows("SELECT * FROM app_run WHERE status = 'current'") == []


def test_a_signal_to_spark_submit_ends_the_job_too(start, sqlite_target):
    with closing(sqlite3.connect(sqlite_target.path, isolation_level=None)) as other:
        process = start("spark-submit", "--master", "local[1]", "spark_jobs/spark_emr.py")
        read_until(process, "ratings")
        other.execute("BEGIN IMMEDIATE")
        read_until(process, "publish")
        family = descendants(process.pid)
        process.terminate()
        assert process.wait(timeout=20) == 128 + signal.SIGTERM
        wait_until(lambda: not alive(family), seconds=5, what="no process is left")
        other.execute("ROLLBACK")
    assert sqlite_target.rows("SELECT * FROM app_run") == []
