"""Time and memory of a run's models: each step's share, and its growth with users and movies.

bin/bench model [--ratings 1000000 4000000] [--movies 3000 6000]

The whole job on generated ratings like MovieLens, 155 a user, kept in var/bench/: first the fewest
movies with each number of ratings, then the most ratings with each number of movies. Published into
a scratch SQLite file. Seconds are the job's own, memory is the peak of all its processes together.
Growth is the exponent: 1 is proportional, 2 is quadratic.
"""

import argparse
import json
import math
from dataclasses import dataclass

from benchmarks.database import migrate
from benchmarks.measure import Measured, machine
from benchmarks.rating_files import FOLDER, ROOT, generated

STEPS = ("users", "visitors", "similar", "items", "personal")
"""The steps of the models, in the order of the job."""


@dataclass(frozen=True)
class Case:
    """One run of the job: the seconds of each of its steps, and its peak in MB."""

    ratings: int
    movies: int
    seconds: dict[str, float]
    peak: float

    @property
    def of_models(self) -> float:
        return sum(self.seconds[step] for step in STEPS)


def main() -> None:
    options = _options()
    ratings, movies = sorted(options.ratings), sorted(options.movies)
    sizes = [(some, movies[0]) for some in ratings] + [(ratings[-1], most) for most in movies[1:]]
    cases = [measure(*size) for size in sizes]
    report(cases)
    if len(ratings) > 1:
        report_growth("users", cases[0], cases[len(ratings) - 1], ratings[-1] / ratings[0])
    if len(movies) > 1:
        report_growth("movies", cases[len(ratings) - 1], cases[-1], movies[-1] / movies[0])


def measure(ratings: int, movies: int) -> Case:
    folder = generated(ratings)
    database, summary = FOLDER / "model.sqlite3", FOLDER / "model.json"
    environment = migrate(database)
    job = Measured(
        "the job",
        [f"{ROOT}/bin/job", "--input", str(folder), "--database", f"sqlite:///{database}",
         "--users", "all", "--max-items", str(movies), "--no-evaluate",
         "--summary-json", str(summary)],
    )  # fmt: skip
    job.run(environment)
    found = json.loads(summary.read_text())
    return Case(ratings, found["fitted_models"]["similar"]["movies"], found["seconds"], job.peak)


def report(cases: list[Case]) -> None:
    print(f"\n{machine()}; seconds, and the share of all steps of the models\n")
    print("| step |" + "".join(f" {c.ratings:,} ratings, {c.movies:,} movies |" for c in cases))
    print("|---|" + "---:|" * len(cases))
    for step in STEPS:
        shares = (f" {c.seconds[step]:.1f} ({c.seconds[step] / c.of_models:.0%}) |" for c in cases)
        print(f"| {step} |" + "".join(shares))
    print("| all of these |" + "".join(f" {c.of_models:.1f} |" for c in cases))
    print("| the whole run |" + "".join(f" {sum(c.seconds.values()):.1f} |" for c in cases))
    print("| peak MB |" + "".join(f" {c.peak:,.0f} |" for c in cases))
    last = cases[-1]
    dominant = max(STEPS, key=lambda step: last.seconds[step])
    print(f"\n{dominant} dominates at {last.ratings:,} ratings and {last.movies:,} movies")


def report_growth(of: str, first: Case, last: Case, factor: float) -> None:
    exponents = ", ".join(
        f"{step} {math.log(last.seconds[step] / first.seconds[step], factor):.1f}" for step in STEPS
    )
    print(f"growth with {of}, {factor:g} times as many: {exponents}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--ratings", type=int, nargs="+", default=[1_000_000, 4_000_000])
    parser.add_argument("--movies", type=int, nargs="+", default=[3_000, 6_000])
    return parser.parse_args()


if __name__ == "__main__":
    main()
