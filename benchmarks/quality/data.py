"""Read MovieLens folders as distributed into arrays: ml-100k, ml-1m, and the CSV of later ones.

The job has its own readers; these are separate so that the measurement does not depend on what it
measures.
"""

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.evaluation import splits

ML_100K_GENRES = 18  # the last columns of u.item; 'unknown' comes before them
NO_GENRE = "(no genres listed)"


@dataclass(frozen=True)
class Dataset:
    """One entry per rating, positions instead of ids; genres are (movies, genres) of 0 and 1."""

    name: str
    user_ids: NDArray[np.int64]
    movie_ids: NDArray[np.int64]
    user_index: NDArray[np.int64]
    movie_index: NDArray[np.int64]
    stars: NDArray[np.float64]
    rated_at: NDArray[np.int64]
    genres: NDArray[np.float64]

    def where(self, kept: NDArray[np.bool_]) -> "Dataset":
        """Select ratings; users and movies keep their positions."""
        return replace(
            self,
            user_index=self.user_index[kept],
            movie_index=self.movie_index[kept],
            stars=self.stars[kept],
            rated_at=self.rated_at[kept],
        )

    def matrix(self) -> sparse.csr_array:
        shape = (len(self.user_ids), len(self.movie_ids))
        return splits.matrix(self.user_index, self.movie_index, self.stars, shape)

    def pairs(self) -> NDArray[np.int64]:
        """(user, movie) ids as one number."""
        return (self.user_ids[self.user_index] << 32) | self.movie_ids[self.movie_index]


def read_folder(folder: Path) -> Dataset:
    if (folder / "u.data").exists():
        return dataset("ml-100k", _rows(folder / "u.data", "\t"), _ml_100k_genres(folder))
    if (folder / "ratings.dat").exists():
        return dataset("ml-1m", _rows(folder / "ratings.dat", "::"), _ml_1m_genres(folder))
    if (folder / "ratings.csv").exists():
        return dataset("ml-latest-small", _csv_rows(folder), _csv_genres(folder))
    raise SystemExit(f"{folder} has neither u.data nor ratings.dat nor ratings.csv")


def dataset(name: str, rows: list[list[str]], genres: dict[int, list[str]]) -> Dataset:
    """From user, movie, stars, seconds."""
    columns = list(zip(*rows, strict=True))
    user_ids, users = np.unique(np.array(columns[0], np.int64), return_inverse=True)
    movie_ids, movies = np.unique(np.array(columns[1], np.int64), return_inverse=True)
    stars, times = np.array(columns[2], np.float64), np.array(columns[3], np.int64)
    return Dataset(
        name, user_ids, movie_ids, users, movies, stars, times, _genre_matrix(movie_ids, genres)
    )


def _genre_matrix(
    movie_ids: NDArray[np.int64], genres: dict[int, list[str]]
) -> NDArray[np.float64]:
    names = sorted({name for names in genres.values() for name in names} - {NO_GENRE, ""})
    rows = [[name in genres.get(int(movie), []) for name in names] for movie in movie_ids]
    return np.array(rows, np.float64)


def _rows(path: Path, separator: str) -> list[list[str]]:
    lines = path.read_text("latin-1").splitlines()
    return [line.split(separator) for line in lines]


def _ml_100k_genres(folder: Path) -> dict[int, list[str]]:
    rows = _rows(folder / "u.item", "|")
    return {
        int(row[0]): [str(i) for i, flag in enumerate(row[-ML_100K_GENRES:]) if flag == "1"]
        for row in rows
    }


def _ml_1m_genres(folder: Path) -> dict[int, list[str]]:
    return {int(row[0]): row[-1].split("|") for row in _rows(folder / "movies.dat", "::")}


def _csv_rows(folder: Path) -> list[list[str]]:
    with (folder / "ratings.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def _csv_genres(folder: Path) -> dict[int, list[str]]:
    with (folder / "movies.csv").open(newline="", encoding="utf-8") as file:
        return {int(row["movieId"]): row["genres"].split("|") for row in csv.DictReader(file)}


def core(data: Dataset, least: int) -> Dataset:
    """Remove users and movies with fewer ratings than `least`, repeatedly."""
    while True:
        users, movies = np.bincount(data.user_index), np.bincount(data.movie_index)
        kept = (users[data.user_index] >= least) & (movies[data.movie_index] >= least)
        if kept.all():
            return data
        data = data.where(kept)


def read_pairs(path: Path, data: Dataset) -> NDArray[np.int64]:
    """The test file's (user, movie) ids, as `Dataset.pairs` numbers them; all must be there."""
    rows = [line.replace(",", "\t").split()[:2] for line in path.read_text().splitlines()]
    pairs = np.array([(int(user) << 32) | int(movie) for user, movie in rows], np.int64)
    missing = int((~np.isin(pairs, data.pairs())).sum())
    if missing:
        raise SystemExit(f"{path}: {missing} of {len(pairs)} pairs are not in the ratings of 4 up")
    return pairs
