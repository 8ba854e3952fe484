"""The pass over the ratings on one worker and on two, each a process with one core.

bin/bench cluster [--rows 1000000 25000000] [--rounds 3]

The job from its zip on Spark's local cluster, as on a cluster of small machines that share a disk.
Workers take seconds to start, however many there are: so the comparison is of what the larger input
costs beyond the smaller one. Interleaved; medians.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from aws_deployment.package_job import pack
from benchmarks.measure import machine
from benchmarks.rating_files import ROOT, generated

WORKERS = (1, 2)


def main() -> None:
    options = _options()
    few, many = options.rows
    beyond: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    with tempfile.TemporaryDirectory() as name:
        pack(Path(name) / "spark_jobs.zip")
        for number in range(1, options.rounds + 1):
            for workers, seconds in beyond.items():
                first, second = (
                    _pass(Path(name), generated(rows), workers) for rows in (few, many)
                )
                seconds.append(second - first)
                print(
                    f"  round {number}: {workers} workers {first:.1f} s, {second:.1f} s", flush=True
                )
    one, two = (statistics.median(beyond[workers]) for workers in WORKERS)
    print(f"\n{machine()}; medians of what {many - few:,} more ratings take\n")
    print(f"one worker {one:.1f} s, two {two:.1f} s: {one / two:.2f} times as fast")


def _pass(working: Path, data: Path, workers: int) -> float:
    """Run the pass. Return the seconds that it took."""
    summary = working / "summary.json"
    subprocess.run(
        ["spark-submit", "--master", f"local-cluster[{workers},1,1024]",
         "--py-files", "spark_jobs.zip", ROOT / "spark_jobs" / "spark_emr.py",
         "--input", data, "--dry-run", "--no-models", "--summary-json", summary],
        cwd=working, env=os.environ, capture_output=True, check=True,
    )  # fmt: skip
    seconds: float = json.loads(summary.read_text())["seconds"]["ratings"]
    return seconds


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs=2, default=[1_000_000, 25_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
