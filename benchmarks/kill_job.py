"""Kill the job at random moments while readers continuously request lists from the site.

bin/bench kill_job [--kills 30] [--engine sqlite] [--readers 3] [--seed 1]

Two inputs that differ in every title and score are published in turn. Each answer must be
consistent: status 200, and exactly the data of the run that it names, titles included. The output
is the moments, the number of answers, and how many failed or mixed two runs; both must be 0.
The exit status is 1 if they are not, or if a later job needed help.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from datasets import synthetic
from spark_jobs.contract import RUN_TABLES
from tests.support.mariadb import mariadb
from tests.support.processes import kill_tree
from tests.support.server import get, site
from tests.support.targets import ROOT, MariaDBTargets, SQLiteTargets, Target

LISTS = [
    "limit=100",
    "limit=100&offset=100",
    "limit=100&genre=Drama",
    "limit=50&year_from=1990&min_ratings=5",
]
RATINGS, MOVIES, USERS = 60_000, 3_000, 400
QUICK = ("--no-evaluate", "--min-support", "20")
"""Readers do not see an evaluation, and a model of fewer movies fills the same tables."""
SECONDS_TO_BE_SEEN = 3
"""Each process of the site asks once a second which run is current, then loads it."""
TOO_LATE = "too late: it had ended"


@dataclass
class Audit:
    """What the readers saw. `expected` has the answer to each list, by input."""

    target: Target
    expected: dict[str, dict[str, object]]
    inputs: dict[int, str] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def check(self, query: str, status: int, body: bytes) -> None:
        verdict = self._verdict(query, status, body)
        self.answers[verdict] += 1
        if verdict != "whole" and len(self.examples) < 5:
            self.examples.append(f"{verdict}: {query}: {status} {body[:300]!r}")

    def _verdict(self, query: str, status: int, body: bytes) -> str:
        if status != 200:
            return "failed"
        answer = json.loads(body)
        whole = answer["results"] == self.expected[self._input(answer["run"])][query]
        return "whole" if whole else "mixed"

    def _input(self, run: int) -> str:
        if run not in self.inputs:
            self.inputs[run] = self.target.rows(f"SELECT input FROM app_run WHERE id = {run}")[0][0]
        return self.inputs[run]


@dataclass
class Job:
    """A way to start the job on one of the inputs."""

    target: Target
    log: Path

    def start(self, folder: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, ROOT / "spark_jobs" / "spark_emr.py", "--input", folder,
             "--database", self.target.address, "--min-ratings", "20", "--keep-runs", "2",
             *QUICK, "--allow", "top_replaced", "--allow", "prior_mean_moved"],
            cwd=ROOT, env=os.environ | self.target.environment, stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, folder: str) -> None:
        """Run the job to its end; an error if it fails."""
        if self.start(folder).wait():
            raise RuntimeError(f"a job that was not killed failed:\n{self.log.read_text()}")

    def kill_at(self, folder: str, step: str, delay: float) -> str:
        """Start, wait for the step and then for `delay` seconds, kill. Return where it was."""
        process = self.start(folder)
        while step not in self.log.read_text() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(delay)
        if process.poll() is not None:
            return TOO_LATE
        kill_tree(process)
        steps = [line.split()[0] for line in self.log.read_text().splitlines() if "..." in line]
        return f"in {steps[-1]}" if steps else "in the start"


def main() -> int:
    options = _options()
    chance = random.Random(options.seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        inputs = [_generate(folder / name, seed) for name, seed in (("a", 1), ("b", 2))]
        target = _target(stack, options.engine, folder)
        job = Job(target, folder / "job.log")
        address = stack.enter_context(site(target))
        audit = Audit(target, {name: _published(job, name, address) for name in inputs})
        with _readers(audit, address, options.readers):
            moments: Counter[str] = Counter()
            while moments.total() - moments[TOO_LATE] < options.kills:
                folder_of_job = inputs[moments.total() % 2]
                moments[_one_kill(job, folder_of_job, chance, options.publish_seconds)] += 1
            job.run(inputs[0])  # without help
        rest = [target.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in
                ("app_stagedmovie", "app_stagedmoviegenre")]  # fmt: skip
        kept = {
            table: target.rows(f"SELECT COUNT(DISTINCT run_id) FROM {table}")[0][0]
            for table in RUN_TABLES
            if table != "app_rejectedrow"
        }
    return _report(options, moments, audit, rest, kept)


def _one_kill(job: Job, folder: str, chance: random.Random, publish_seconds: float) -> str:
    # Most of the job's time is Spark's start; most of the danger is in the publish.
    if chance.random() < 0.3:
        moment = job.kill_at(folder, "", chance.uniform(0, 10))
    else:
        moment = job.kill_at(folder, "publish ", chance.uniform(0, publish_seconds))
    print(f"  killed {moment}", flush=True)
    return moment


def _published(job: Job, folder: str, address: str) -> dict[str, object]:
    """Publish the input and record the answer to each list."""
    job.run(folder)
    time.sleep(SECONDS_TO_BE_SEEN)
    answers = {query: get(f"{address}/recommendations/?{query}") for query in LISTS}
    assert all(status == 200 for status, _ in answers.values())
    return {query: json.loads(body)["results"] for query, (_, body) in answers.items()}


@contextmanager
def _readers(audit: Audit, address: str, count: int) -> Iterator[None]:
    done = threading.Event()

    def read(number: int) -> None:
        while not done.is_set():
            query = LISTS[number % len(LISTS)]
            audit.check(query, *get(f"{address}/recommendations/?{query}"))
            number += 1

    threads = [threading.Thread(target=read, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def _generate(folder: Path, seed: int) -> str:
    synthetic.generate(folder, ratings=RATINGS, movies=MOVIES, users=USERS, seed=seed)
    return str(folder)


def _target(stack: ExitStack, engine: str, folder: Path) -> Target:
    if engine == "mariadb":
        return MariaDBTargets(stack.enter_context(mariadb())).make()
    return SQLiteTargets(folder).make()


def _report(
    options: argparse.Namespace,
    moments: Counter[str],
    audit: Audit,
    rest: list[int],
    kept: dict[str, int],
) -> int:
    failed, mixed = audit.answers["failed"], audit.answers["mixed"]
    print(f"{options.engine}: {options.kills} kills")
    for moment, times in moments.most_common():
        print(f"  {times:3} {moment}")
    print(f"{audit.answers.total():,} answers, {failed} failed, {mixed} mixed")
    print(f"staged rows left: {sum(rest)}; runs with rows (2 are kept): {kept}")
    for example in audit.examples:
        print(f"  {example}")
    return int(bool(failed or mixed or sum(rest) or set(kept.values()) != {2}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--engine", choices=["sqlite", "mariadb"], default="sqlite")
    parser.add_argument("--readers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--publish-seconds", type=float, default=1.0,
                        help="the last kill is this long after the publish began")  # fmt: skip
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
