"""Generate data like MovieLens, for machines that cannot get the real one.

    python -m datasets.synthetic FOLDER [--ratings 100000] [--seed 1]

Invented titles, years and genres; a long popularity tail; users who differ in activity,
generosity and taste, some of whom only give whole stars. The same arguments give the same
bytes. Memory grows with movies and users, not with ratings.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MARKER = "SYNTHETIC.txt"
MARKER_TEXT = """These files are generated (seed {seed}); movies and ratings are invented.
The real data: https://grouplens.org/datasets/movielens/
"""
GENRES = (
    "Action Adventure Animation Children Comedy Crime Documentary Drama Fantasy "
    "Film-Noir Horror Musical Mystery Romance Sci-Fi Thriller War Western"
).split()
QUALITIES = (
    "Amber Ashen Bitter Borrowed Broken Copper Crimson Crooked Distant Electric Empty Endless "
    "Faithful Forgotten Frozen Golden Hidden Hollow Last Lonely Quiet Restless Scarlet Second "
    "Secret Silent Silver Stolen Sunken Velvet Wandering White Wild Winter"
).split()
THINGS = (
    "Anchor Archive Bridge Cartographer Clockmaker Comet Compass Daughter Engine Envoy Ferry "
    "Garden Gambler Harbour Horizon Lantern Letter Lighthouse Magician Meridian Mirror Orchard "
    "Piano Promise River Shadow Signal Sister Smuggler Station Stranger Summer Tide Violin"
).split()
PLACES = (
    "Alderbay Brightwater Coldferry Dunmarrow Eastmoor Fernhollow Greywick Ironbridge Larkhill "
    "Marrowgate Nightvale Oldhaven Pinecross Quarrystone Ravensend Saltmarsh Thornfield Westerby"
).split()
TITLES = (
    "{quality} {thing}, The",
    "{quality} {thing}",
    "{thing} of {place}, The",
    "{place} {thing}, A",
    '"{quality} {thing}", or {place}',
    "{quality} {place}: The {thing}",
)
TASTES = 12
USERS_AT_ONCE = 2_000
FIRST_DAY, LAST_DAY = 828_000_000, 1_537_000_000
"""Seconds since 1970: March 1996 to September 2018, the span of ml-latest-small."""


@dataclass(frozen=True)
class Movies:
    """Arrays of one length: id, quality in stars, and the odds of being chosen by each taste."""

    ids: NDArray[np.int64]
    quality: NDArray[np.float64]
    appeal: NDArray[np.float64]  # (tastes, movies), in stars
    odds: NDArray[np.float64]  # (tastes, movies), cumulative


def generate(folder: Path, *, ratings: int, movies: int, users: int, seed: int) -> None:
    """Write movies.csv, ratings.csv and MARKER.

    About `ratings` ratings, sorted by user and movie as in MovieLens.
    """
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = _write_movies(folder / "movies.csv", rng, movies)
    _write_ratings(folder / "ratings.csv", rng, catalogue, ratings=ratings, users=users)
    (folder / MARKER).write_text(MARKER_TEXT.format(seed=seed), encoding="utf-8")


def _write_movies(path: Path, rng: np.random.Generator, count: int) -> Movies:
    ids = np.cumsum(rng.integers(1, 4, count))
    has_genre = _genre_flags(rng, count)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["movieId", "title", "genres"])
        for movie_id, title, flags in zip(ids, _titles(rng, count), has_genre, strict=True):
            names = "|".join(np.array(GENRES)[flags]) or "(no genres listed)"
            rows.writerow([movie_id, title, names])
    appeal = rng.normal(0, 0.25, (TASTES, len(GENRES))) @ has_genre.T
    popularity = rng.permutation((np.arange(count) + 10.0) ** -1.05)
    odds = np.cumsum(popularity * np.exp(2 * appeal), axis=1)
    quality = np.clip(rng.normal(3.3, 0.45, count), 1, 4.6)
    return Movies(ids, quality, appeal, odds / odds[:, -1:])


def _genre_flags(rng: np.random.Generator, count: int) -> NDArray[np.bool_]:
    wanted = rng.choice([0, 1, 2, 3, 4], count, p=[0.01, 0.29, 0.36, 0.24, 0.10])
    order = rng.random((count, len(GENRES))).argsort(axis=1)
    return order < wanted[:, None]


def _titles(rng: np.random.Generator, count: int) -> Iterator[str]:
    forms, qualities, things, places = (
        rng.choice(words, count) for words in (TITLES, QUALITIES, THINGS, PLACES)
    )
    years = 2018 - rng.gamma(1.6, 12, count).astype(int) % 90
    for form, quality, thing, place, year in zip(
        forms, qualities, things, places, years, strict=True
    ):
        yield f"{form.format(quality=quality, thing=thing, place=place)} ({year})"


def _write_ratings(
    path: Path, rng: np.random.Generator, movies: Movies, *, ratings: int, users: int
) -> None:
    diligence = rng.lognormal(0, 1.2, users)
    wanted = np.maximum(20, diligence / diligence.sum() * ratings * 1.02).astype(np.int64)
    wanted = np.minimum(wanted, len(movies.ids) // 3)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("userId,movieId,rating,timestamp\n")
        for first in range(0, users, USERS_AT_ONCE):
            chunk = wanted[first : first + USERS_AT_ONCE]
            file.writelines(_rows_of_users(rng, movies, first, chunk))


def _rows_of_users(
    rng: np.random.Generator, movies: Movies, first: int, wanted: NDArray[np.int64]
) -> Iterator[str]:
    tastes = rng.integers(0, TASTES, len(wanted))
    user, movie = _choices(rng, movies, tastes, wanted)
    mildness = rng.normal(0.2, 0.4, len(wanted))[user]
    stars = movies.quality[movie] + movies.appeal[tastes[user], movie] + mildness
    stars += rng.normal(0, 0.75, len(stars))
    whole = (rng.random(len(wanted)) < 0.35)[user]
    half_stars = np.where(whole, np.rint(stars) * 2, np.rint(stars * 2))
    half_stars = np.clip(half_stars, np.where(whole, 2, 1), 10)
    joined = rng.integers(FIRST_DAY, LAST_DAY, len(wanted))[user]
    moment = np.minimum(joined + rng.exponential(2e6, len(user)).astype(np.int64), LAST_DAY)
    columns = (user + first + 1, movies.ids[movie], half_stars / 2, moment)
    for row in zip(*(column.tolist() for column in columns), strict=True):
        yield "{},{},{},{}\n".format(*row)


def _choices(
    rng: np.random.Generator,
    movies: Movies,
    tastes: NDArray[np.int64],
    wanted: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of (user, movie), sorted and distinct: nobody rates a movie twice."""
    draws = (wanted * 1.6).astype(np.int64)
    user = np.repeat(np.arange(len(wanted)), draws)
    movie = np.empty(len(user), dtype=np.int64)
    for taste in range(TASTES):
        here = tastes[user] == taste
        movie[here] = movies.odds[taste].searchsorted(rng.random(here.sum()))
    pairs = rng.permutation(np.unique(user * len(movies.ids) + movie))
    user = pairs // len(movies.ids)
    # Of the surplus draws only as many as the user wanted are kept, at random.
    order = np.argsort(user, kind="stable")
    place = np.arange(len(user)) - np.searchsorted(user[order], user[order])
    kept = np.sort(pairs[order][place < wanted[user[order]]])
    return kept // len(movies.ids), kept % len(movies.ids)


def main() -> None:
    parser = argparse.ArgumentParser(description="Generate data in the shape of MovieLens.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ratings", type=int, default=100_000, help="approximate number (100000)")
    parser.add_argument("--movies", type=int, default=9_700, help="number (9700)")
    parser.add_argument("--users", type=int, default=610, help="number (610)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the data (1)")
    arguments = parser.parse_args()
    generate(
        arguments.folder,
        ratings=arguments.ratings,
        movies=arguments.movies,
        users=arguments.users,
        seed=arguments.seed,
    )


if __name__ == "__main__":
    main()
