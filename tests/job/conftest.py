"""What the tests of the job share: small inputs, and the job itself run in this process."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from spark_jobs import spark_emr
from tests.support.targets import Target

MOVIES_HEADER = "movieId,title,genres"
RATINGS_HEADER = "userId,movieId,rating,timestamp"


def movie(movie_id: object = 1, title: str = "Alien (1979)", genres: str = "Horror") -> str:
    return f"{movie_id},{title},{genres}"


def rating(user: object = 1, movie: object = 1, stars: object = 4.0, at: object = 1_000_000) -> str:
    return f"{user},{movie},{stars},{at}"


@dataclass
class Outcome:
    """What a run of the job left behind."""

    status: int
    out: str
    err: str
    summary: dict[str, Any]


@pytest.fixture
def write_input(tmp_path: Path) -> Callable[..., Path]:
    """Write movies.csv and ratings.csv; by default one movie with two ratings."""

    def write(
        movies: list[str] | None = None, ratings: list[str] | None = None, *, end: str = "\n"
    ) -> Path:
        folder = tmp_path / "input"
        folder.mkdir(exist_ok=True)
        movies = [movie()] if movies is None else movies
        ratings = [rating(1), rating(2)] if ratings is None else ratings
        for name, rows in {
            "movies.csv": [MOVIES_HEADER, *movies],
            "ratings.csv": [RATINGS_HEADER, *ratings],
        }.items():
            (folder / name).write_bytes(end.join([*rows, ""]).encode())
        return folder

    return write


@pytest.fixture
def run_job(
    spark: SparkSession,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Outcome]:
    """Run the job's main() on the shared session; floor 1, any share of rejected rows."""

    def run(folder: Path | str, target: Target | None, *arguments: str) -> Outcome:
        for name, value in (target.environment if target else {}).items():
            monkeypatch.setenv(name, value)
        summary = tmp_path / "summary.json"
        summary.unlink(missing_ok=True)
        where = ["--database", target.address] if target else []
        lenient = {"--min-ratings": "1", "--max-rejected": "100%"}
        defaults = [word for pair in lenient.items() if pair[0] not in arguments for word in pair]
        capfd.readouterr()
        status = spark_emr.main(
            ["--input", str(folder), *where, *defaults, "--summary-json", str(summary), *arguments]
        )
        out, err = capfd.readouterr()
        figures = json.loads(summary.read_text()) if summary.exists() else {}
        return Outcome(status, out, err, figures)

    return run
