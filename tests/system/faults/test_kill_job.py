"""A short run of the fault script: two kills at random moments, and nobody sees half a run."""

import subprocess
import sys

from tests.support.targets import ROOT


def test_readers_see_whole_runs_while_jobs_are_killed():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kill_job", "--engine", "mariadb", "--kills", "2",
         "--publish-seconds", "3", "--readers", "1"],  # who takes no core from the job
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed, 0 mixed" in done.stdout
