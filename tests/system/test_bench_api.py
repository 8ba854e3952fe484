"""A short run of the benchmark of the read API: all sides start, agree and answer under load."""

import subprocess
import sys

import pytest

from tests.support.targets import ROOT


@pytest.mark.slow
def test_all_sides_list_the_same_movies_and_no_answer_fails():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.api.__main__", "--movies", "300", "--rows", "20",
         "--rounds", "1", "--seconds", "1", "--addresses", "20"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    table = [line for line in done.stdout.splitlines() if "| 20 |" in line]
    assert len(table) == 11, done.stdout
    assert "under 150 MB: met" in done.stdout
