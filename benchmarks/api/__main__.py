"""The read API against an empty view, DRF, FastAPI, itself with two workers and behind nginx.

bin/bench api [--rows 20 100] [--rounds 3] [--seconds 8] [--movies 90000] [--addresses 3000]

One MariaDB with 90,000 movies in 3 runs; every side has one worker process, unless its name says
otherwise, and lists the same movies, which is checked first. An empty WSGI application in the same
gunicorn shows what gunicorn costs, the empty view what Django costs beyond that. wrk uses 16
persistent connections, without Accept-Encoding, one side after the other, round after round. The
cold app is also asked for recommendations from ten movies, and for the list of a known user.
Figures are medians over the rounds; wrk also counts requests delayed by a slow answer as slow. An
answer other than 2xx, or a broken connection, ends the run with an error. At the end another
worker is asked for many different lists, plain and compressed, and its memory is measured.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.api.engines import (
    COLD,
    DRF,
    EMPTY,
    FASTAPI,
    LIST,
    LISTS,
    NGINX,
    WARM,
    Engine,
    Servers,
)
from benchmarks.measure import machine
from tests.support.mariadb import mariadb
from tests.support.server import get
from tests.support.targets import ROOT, MariaDBTarget, MariaDBTargets

CONNECTIONS = 16
WARM_UP_SECONDS = 2
RUNS = 3
MOST_MEGABYTES = 150
PACKAGES = "django gunicorn djangorestframework fastapi uvicorn sqlalchemy asyncmy".split()
SAME = "movie_id title year genres rating_count avg_rating weighted_rating".split()
NOTES = """
All sides: access logs off, answers not compressed. Cold: nothing is cached (READ_CACHE_MB=0), and
the length of the whole ranking comes from its run, while the peers count it. The app and DRF: the
site's own settings (DEBUG=0) and gunicorn configuration with one worker or two; DRF without
authentication. wrk takes a core itself: on two cores, two workers have less than one each. nginx:
the machine's own file and one worker, without limit_req, limit_conn and access log for the load
generator. Its memory is that of the gunicorn worker behind it.
"""


@dataclass(frozen=True)
class Load:
    """What wrk measured in one round, or the medians of all rounds."""

    rate: float
    p50: float
    p99: float


Figures = dict[tuple[str, int], Load]


@dataclass(frozen=True)
class Goal:
    """A ratio and the bound that it must keep."""

    text: str
    ratio: float
    bound: float
    at_most: bool = False

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.bound if self.at_most else self.ratio >= self.bound


def main() -> None:
    options = _options()
    others = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-api-")))
        target = MariaDBTargets(stack.enter_context(mariadb())).make()
        _fill(target, options.movies)
        servers = Servers(stack, folder, target)
        engines = servers.all()
        for rows in options.rows:
            _check_same_lists(engines, rows)
        figures = _measure(engines, options)
        _report(figures, engines, options, others)
        _memory(servers.gunicorn(WARM, LIST), options.addresses)


def _fill(target: MariaDBTarget, movies: int) -> None:
    print(f"filling MariaDB with {movies:,} movies in {RUNS} runs", flush=True)
    subprocess.run(
        [sys.executable, "-m", "benchmarks.api.data", f"--movies={movies}", f"--runs={RUNS}"],
        cwd=ROOT, env=os.environ | {"ENV_FILE": "/dev/null"} | target.environment, check=True,
    )  # fmt: skip


def _check_same_lists(engines: list[Engine], rows: int) -> None:
    """Check that every side lists the same movies in the same order."""
    bodies = {engine.name: _body(engine, rows) for engine in engines}
    lists = {name: _list(bodies[name]) for name in LISTS}
    assert len(lists[WARM]) == 1 + rows, f"{WARM} lists {len(lists[WARM]) - 1} movies, not {rows}"
    for name, listed in lists.items():
        assert listed == lists[WARM], f"{name} lists other movies than {WARM}: {listed[:3]}"


def _body(engine: Engine, rows: int) -> bytes:
    status, body = get(engine.url(rows))
    assert status == 200, f"{engine.name} answers {status}: {body[:500]!r}"
    return body


def _list(body: bytes) -> list[Any]:
    page = json.loads(body)
    return [page["count"], *([item[name] for name in SAME] for item in page["results"])]


def _measure(engines: list[Engine], options: argparse.Namespace) -> Figures:
    """Run all engines once, then all again: a slow minute of the machine affects them all."""
    rounds: dict[tuple[str, int], list[Load]] = {}
    for rows in options.rows:
        for engine in engines:
            _wrk(engine, rows, min(WARM_UP_SECONDS, options.seconds))
        for number in range(1, options.rounds + 1):
            for engine in engines:
                load = _wrk(engine, rows, options.seconds)
                rounds.setdefault((engine.name, rows), []).append(load)
                print(f"  round {number}: {engine.name}, {rows} rows: {load.rate:,.0f}/s",
                      flush=True)  # fmt: skip
    return {key: _median(loads) for key, loads in rounds.items()}


def _wrk(engine: Engine, rows: int, seconds: int) -> Load:
    done = subprocess.run(
        ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--timeout", "10s",
         "--duration", f"{seconds}s", "--script", f"{ROOT}/benchmarks/api/wrk.lua",
         engine.url(rows)],
        check=True, capture_output=True, text=True, timeout=seconds + 60,
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["requests"] and not found["bad_answers"] and not found["broken"], (
        f"{engine.name} failed under load:\n{done.stdout}"
    )
    rate = found["requests"] / found["microseconds"] * 1e6
    return Load(rate, found["p50"] / 1000, found["p99"] / 1000)


def _median(loads: list[Load]) -> Load:
    return Load(
        statistics.median(load.rate for load in loads),
        statistics.median(load.p50 for load in loads),
        statistics.median(load.p99 for load in loads),
    )


def _report(
    figures: Figures, engines: list[Engine], options: argparse.Namespace, others: float
) -> None:
    """Print results; `others` is the load average before: a busy machine lengthens every tail."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    print(f"\n{date.today()}, {_machine()}, load average before {others:.1f};"
          f" medians of {options.rounds} rounds of {options.seconds} s;"
          f" {CONNECTIONS} connections\n{versions}\n{NOTES}")  # fmt: skip
    print("| engine | rows | requests/s | to warm | p50 ms | p99 ms | p99/p50 | peak MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    peaks = {engine.name: engine.peak_megabytes for engine in engines}
    for (name, rows), load in figures.items():
        ratio = load.rate / figures[WARM, rows].rate
        print(f"| {name} | {rows} | {load.rate:,.0f} | {ratio:.2f} | {load.p50:.2f}"
              f" | {load.p99:.2f} | {load.p99 / load.p50:.1f} | {peaks[name]:.0f} |")  # fmt: skip
    print("\n| target | measured | |\n|---|---:|---|")
    for goal in _goals(figures, options.rows):
        verdict = "met" if goal.is_met else "**missed**"
        bound = f"{'at most' if goal.at_most else 'at least'} {goal.bound:g}"
        print(f"| {goal.text}: {bound} | {goal.ratio:.2f} | {verdict} |")


def _machine() -> str:
    """This machine, with the model of its processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return f"{machine()}, {models[0] if models else 'unknown processor'}"


def _goals(figures: Figures, sizes: list[int]) -> Iterator[Goal]:
    for rows in sizes:
        rates = {name: load.rate for (name, size), load in figures.items() if size == rows}
        warm, cold = rates[WARM], rates[COLD]
        yield Goal(f"warm to the empty view, {rows} rows", warm / rates[EMPTY], 0.9)
        if rows in (20, 100):
            yield Goal(f"warm to DRF, {rows} rows", warm / rates[DRF], {20: 5, 100: 9}[rows])
        if rows == 20:
            yield Goal("warm to FastAPI, 20 rows", warm / rates[FASTAPI], 3.5)
        yield Goal(f"cold to DRF, {rows} rows", cold / rates[DRF], 2)
        yield Goal(f"nginx with its cache to warm, {rows} rows", rates[NGINX] / warm, 10)
        for name in (WARM, COLD):
            load = figures[name, rows]
            yield Goal(f"p99 to p50, {name}, {rows} rows", load.p99 / load.p50, 5, at_most=True)


def _memory(engine: Engine, addresses: int) -> None:
    """Ask one worker for that many different lists of 100, each plain and compressed."""

    def ask(offset: int) -> int:
        url = f"{engine.address}?limit=100&offset={offset}"
        answers = [get(url), get(url, **{"Accept-Encoding": "gzip"})]
        assert all(status == 200 for status, _ in answers), answers
        return sum(len(body) for _, body in answers)

    before = engine.megabytes
    with ThreadPoolExecutor(CONNECTIONS) as clients:
        answered = sum(clients.map(ask, range(addresses)))
    goal = Goal("memory of a worker, MB", engine.peak_megabytes, MOST_MEGABYTES, at_most=True)
    print(f"\nmemory: a worker has {before:.0f} MB at its start and {engine.megabytes:.0f} MB"
          f" (peak {goal.ratio:.0f}) after {addresses:,} different lists of together"
          f" {answered / 1e6:.0f} MB: under {MOST_MEGABYTES} MB:"
          f" {'met' if goal.is_met else '**missed**'}")  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench api", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8, help="of load, per round and engine")
    parser.add_argument("--movies", type=int, default=90_000)
    parser.add_argument("--addresses", type=int, default=3_000, help="lists that fill the cache")
    return parser.parse_args()


if __name__ == "__main__":
    main()
