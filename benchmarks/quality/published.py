"""Run the real job on some ratings, and read what it published as arrays.

The ratings are written as CSV, published to a separate database, and read from its tables: so
what a site would serve is measured. The layouts are the contract's; they are unpacked here and
not by the job, so that an error in its packing shows.
"""

import csv
import sqlite3
import struct
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.database import ROOT, migrate
from benchmarks.quality.data import NO_GENRE, Dataset
from spark_jobs.contract import USER_RECOMMENDATIONS, VISITOR_WEIGHTS, Packed
from spark_jobs.evaluation.metrics import NOTHING, K, Lists


@dataclass(frozen=True)
class Published:
    """Users and movies are positions in the data set that was published.

    `lists` has the first ten of each user's list, `weights` what a visitor's like of a movie
    adds, (movies, movies); `seconds` is the job's line about its steps.
    """

    lists: Lists
    weights: sparse.csr_array
    seconds: str


def publish(data: Dataset, *arguments: str) -> Published:
    """Run the job with these ratings; RuntimeError with its output where it fails."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _write_input(folder / "input", data)
        database = folder / "run.sqlite3"
        migrate(database)
        said = _run_job(folder / "input", database, arguments)
        with closing(sqlite3.connect(database)) as connection:
            lists, weights = read_lists(connection, data), read_weights(connection, data)
        return Published(lists, weights, said)


def _write_input(folder: Path, data: Dataset) -> None:
    folder.mkdir()
    genres = [[f"genre {i}" for i in np.flatnonzero(row)] or [NO_GENRE] for row in data.genres]
    movies = ((m, f"Movie {m}", "|".join(g)) for m, g in zip(data.movie_ids, genres, strict=True))
    _write(folder / "movies.csv", ("movieId", "title", "genres"), movies)
    order = np.lexsort((data.movie_index, data.user_index))
    users, ids = data.user_ids[data.user_index], data.movie_ids[data.movie_index]
    columns = (users[order], ids[order], data.stars[order], data.rated_at[order])
    ratings = zip(*(column.tolist() for column in columns), strict=True)
    _write(folder / "ratings.csv", ("userId", "movieId", "rating", "timestamp"), ratings)


def _write(path: Path, header: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def _run_job(folder: Path, database: Path, arguments: tuple[str, ...]) -> str:
    # The floor of the ranking does not affect what is measured; small data has no movie above it.
    command = [
        f"{ROOT}/bin/job", "--input", str(folder), "--database", f"sqlite:///{database}",
        "--min-ratings", "1", "--users", "all", "--no-evaluate", *arguments,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the job failed:\n{done.stdout}{done.stderr}")
    return next(line for line in done.stdout.splitlines() if line.startswith("seconds"))


def read_lists(connection: sqlite3.Connection, data: Dataset) -> Lists:
    """Read the users' lists; NOTHING for those without one."""
    lists = np.full((len(data.user_ids), K), NOTHING)
    rows = connection.execute("SELECT user_id, packed FROM app_userrecommendation")
    for user, packed in rows:
        movies = _unpacked(packed, USER_RECOMMENDATIONS)["movie_id"][:K]
        lists[_positions(data.user_ids, [user])[0], : len(movies)] = _positions(
            data.movie_ids, movies
        )
    return lists


def read_weights(connection: sqlite3.Connection, data: Dataset) -> sparse.csr_array:
    rows, columns, values = [], [], []
    published = connection.execute("SELECT movie_id, scale, packed FROM app_visitorweights")
    for movie, scale, packed in published:
        entries = _unpacked(packed, VISITOR_WEIGHTS)
        rows.append(np.full(len(entries["step"]), _positions(data.movie_ids, [movie])[0]))
        columns.append(_positions(data.movie_ids, entries["movie_id"]))
        values.append(np.array(entries["step"]) * scale)
    shape = (len(data.movie_ids), len(data.movie_ids))
    if not rows:
        return sparse.csr_array(shape)
    place = (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_array((np.concatenate(values), place), shape=shape)


def _unpacked(packed: bytes, layout: Packed) -> dict[str, list[float]]:
    """Name -> the numbers of all entries."""
    size = sum(struct.calcsize(f"<{code}") * width for _, code, width in layout)
    entries, start, columns = len(packed) // size, 0, {}
    for name, code, width in layout:
        form = struct.Struct(f"<{entries * width}{code}")
        columns[name] = list(form.unpack_from(packed, start))
        start += form.size
    return columns


def _positions(ids: NDArray[np.int64], found: list[float]) -> NDArray[np.int64]:
    """The positions of the ids in the data set; an error for an unknown one."""
    places = np.minimum(np.searchsorted(ids, found), len(ids) - 1)
    if not np.array_equal(ids[places], found):
        raise RuntimeError("the run published an id that is not in its input")
    return np.asarray(places)
