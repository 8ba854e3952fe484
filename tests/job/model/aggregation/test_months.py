"""Ratings by movie and month, in UTC, whatever they were counted in."""

import pickle
from datetime import UTC, datetime

import numpy as np
import pytest

from spark_jobs.input.ratings.blocks import Ratings
from spark_jobs.model.aggregation import months
from spark_jobs.model.aggregation.months import MonthCounts

MOVIES = 3


def ratings(*rows):
    """Columns from rows of (position, time)."""
    positions, times = np.array(rows, np.int64).reshape(-1, 2).T
    stars = np.full(len(rows), 8, np.int8)
    return Ratings(np.arange(len(rows)), positions.astype(np.int32), stars, times)


def counted(*blocks, movies=MOVIES):
    found = MonthCounts.zero(movies)
    for block in blocks:
        found.add(ratings(*block))
    return found


def cells(found):
    by_movie = found.settle()
    movies = np.repeat(np.arange(by_movie.movies), np.diff(by_movie.starts))
    columns = (movies, by_movie.months, by_movie.ratings)
    return {(i, t): n for i, t, n in zip(*(column.tolist() for column in columns), strict=True)}


def test_a_rating_belongs_to_its_month_in_utc():
    before = int(datetime(2018, 9, 30, 23, 59, 59, tzinfo=UTC).timestamp())
    september = (2018 - 1970) * 12 + 8
    assert cells(counted([(1, before), (1, before + 1), (1, before + 2), (2, 0)])) == {
        (1, september): 1, (1, september + 1): 2, (2, 0): 1,
    }  # fmt: skip


def test_no_ratings_are_in_no_month():
    assert cells(counted()) == cells(counted([])) == {}


@pytest.fixture(scope="module")
def blocks():
    generator = np.random.default_rng(2)
    rows = np.stack([generator.integers(0, MOVIES, 600), generator.integers(0, 4e9, 600)], axis=1)
    return np.split(rows, 6)


def test_the_counts_do_not_depend_on_how_they_were_added_and_merged(blocks, monkeypatch):
    together = pickle.dumps(counted(*blocks))
    merged = counted(*blocks[4:]).merged(counted()).merged(counted(*blocks[:4]))
    assert pickle.dumps(merged) == together
    monkeypatch.setattr(months, "MOST_WAITING", 150)
    assert pickle.dumps(counted(*reversed(blocks))) == together


def test_more_movies_than_cells_of_32_bits_have_room_for_are_counted_alike(blocks):
    movies = 2**32 // months.MONTHS + 1
    assert cells(counted(*blocks, movies=movies)) == cells(counted(*blocks))
    last = counted([(movies - 1, 86_400)], movies=movies)
    assert cells(last) == {(movies - 1, 0): 1}
