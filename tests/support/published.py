"""Two runs of a data set, published as an operator would: something for the pages to show."""

import csv
from pathlib import Path

from spark_jobs import spark_emr
from tests.support.targets import Target

EARLIER = 0.85
"""Share of the ratings, the oldest, that the first run has."""
FEW_MOVIES = ("--min-support", "20")
"""In the models, and so in the evaluation: a third of them, which takes a fraction of the time."""
ODD_ROWS = ["1,318,seven,1000000000", "1,318,9.5,1000000000", "1,0,4.0,1000000000", "1,318"]
"""What a file of ratings may hold, too: each is rejected for another reason."""


def publish_two_runs(data: Path, target: Target, folder: Path) -> None:
    """An earlier run without models, then one of all ratings with everything that a run has."""
    rows = _ratings(data)
    head, by_time = rows[0], sorted(rows[1:], key=_time)
    earlier = by_time[: int(len(by_time) * EARLIER)]
    publish(_input(data, folder / "earlier", [head, *earlier]), target, "--no-models")
    publish(_input(data, folder / "later", [*rows, *ODD_ROWS]), target, *FEW_MOVIES)


def publish(data: Path, target: Target, *arguments: str) -> None:
    """One run of the job, in this process and in its Spark session where it has one."""
    status = spark_emr.main(["--input", str(data), "--database", target.address, *arguments])
    assert status == 0, "the job failed: its line stands above"


def _ratings(data: Path) -> list[str]:
    return (data / "ratings.csv").read_text(encoding="utf-8").splitlines()


def _time(row: str) -> int:
    return int(next(csv.reader([row]))[3])


def _input(data: Path, folder: Path, ratings: list[str]) -> Path:
    """A folder like `data` with other ratings."""
    folder.mkdir(parents=True)
    for file in data.iterdir():
        if file.name != "ratings.csv":
            (folder / file.name).symlink_to(file)
    (folder / "ratings.csv").write_text("\n".join([*ratings, ""]), encoding="utf-8")
    return folder
