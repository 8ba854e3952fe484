"""Generated ratings like MovieLens, kept in var/bench/."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from datasets import synthetic

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench"
MOVIES, RATINGS_A_USER = 62_000, 155


def generated(rows: int, copies: int = 1) -> Path:
    """A folder with that many ratings; with copies that many in each file, with its own users."""
    folder = FOLDER / f"ratings-{rows}"
    if not (folder / synthetic.MARKER).exists():
        print(f"generating {rows:,} ratings in {folder}", flush=True)
        synthetic.generate(folder, ratings=rows, movies=MOVIES, users=_users(rows), seed=1)
    return folder if copies == 1 else _copied(folder, rows, copies)


def _users(rows: int) -> int:
    return max(600, rows // RATINGS_A_USER)


def _copied(folder: Path, rows: int, copies: int) -> Path:
    """Make the files by copying, which is much faster than generating."""
    target = folder.with_name(f"{folder.name}-{copies}-times")
    target.mkdir(exist_ok=True)
    for number in range(copies):
        file = target / f"ratings-{number:03}.csv"
        if not file.exists():
            print(f"copying {folder}/ratings.csv to {file}", flush=True)
            _copy(folder / "ratings.csv", file, number * _users(rows))
    for name in ("movies.csv", synthetic.MARKER):
        shutil.copyfile(folder / name, target / name)
    return target


def _copy(source: Path, target: Path, added_to_users: int) -> None:
    unfinished = target.with_suffix(".part")
    options = pa_csv.WriteOptions(include_header=False, quoting_style="none")
    with pa_csv.open_csv(source) as reader, unfinished.open("wb") as file:
        file.write(",".join(reader.schema.names).encode() + b"\n")
        with pa_csv.CSVWriter(file, reader.schema, write_options=options) as writer:
            for batch in reader:
                users = pc.add(batch["userId"], added_to_users)
                writer.write(pa.record_batch([users, *batch.columns[1:]], schema=reader.schema))
    unfinished.rename(target)
