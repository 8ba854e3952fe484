"""Ratings by user: the same for any partitions, and none of them lost."""

import random

import numpy as np
import pytest

from spark_jobs.input.files.find import find_input
from spark_jobs.input.files.splits import plan_splits
from spark_jobs.input.movies.catalogue import MovieIndex, movie_ids, read_movies
from spark_jobs.input.ratings.scan import Scan
from spark_jobs.model.aggregation import deduplicate
from spark_jobs.model.recommendations.interactions import (
    Interactions,
    NewestUsers,
    UserBlock,
    hashed,
)
from tests.job.conftest import movie, rating
from tests.job.model.ratings import ratings

USERS = range(1, 41)


@pytest.fixture
def scan(spark, write_input):
    """User u rates movies 1 to u % 5 + 1 with u % 10 + 1 half-stars at u seconds, one twice."""
    rows = [
        rating(user, movie_id, (user % 10 + 1) / 2, user)
        for user in USERS
        for movie_id in range(1, user % 5 + 2)
    ]
    rows += [rating(7, 1, 1.0, 1)]
    random.Random(1).shuffle(rows)
    found = find_input(str(write_input([movie(n) for n in range(1, 6)], rows)))
    index = MovieIndex(movie_ids(read_movies(found.movies)[0]))
    splits = plan_splits("ratings", found.ratings, split_bytes=500)
    return Scan(spark.sparkContext, splits, spark.sparkContext.broadcast(index))


@pytest.fixture(params=[2, 5])
def interactions(scan, request, monkeypatch):
    """In so many blocks."""
    monkeypatch.setattr(deduplicate, "RATINGS_PER_BUCKET", 1)
    made = Interactions.of(scan, request.param)
    yield made
    made.release()


def as_tuples(block: UserBlock):
    return list(zip(*(column.tolist() for column in block.ratings), strict=True))


def test_all_ratings_of_a_user_stand_together_in_any_number_of_blocks(interactions):
    blocks = interactions.blocks.collect()
    users = [user for block in blocks for user in block.users.tolist()]
    assert sorted(users) == list(USERS)
    for block in blocks:
        for u, user in enumerate(block.users.tolist()):
            own = slice(block.indptr[u], block.indptr[u + 1])
            assert block.movie_index[own].tolist() == list(range(user % 5 + 1))
            assert set(block.half_stars[own].tolist()) == {user % 10 + 1}


def test_a_sample_is_the_same_however_the_users_were_dealt_out(interactions):
    every = interactions.sample(1_000, 1_000_000)
    assert every.users.tolist() == list(USERS)
    few = interactions.sample(10, 1_000_000)
    by_hash = np.argsort(hashed(np.array(USERS)))
    assert few.users.tolist() == sorted(np.array(USERS)[by_hash[:10]])
    assert as_tuples(few) == [row for row in as_tuples(every) if row[0] in few.users]


def test_a_sample_keeps_within_a_number_of_ratings(interactions):
    sizes = {user: user % 5 + 1 for user in USERS}
    taken = interactions.sample(1_000, 50)
    assert 45 < len(taken.movie_index) <= 50
    assert len(taken.movie_index) == sum(sizes[user] for user in taken.users.tolist())


def test_those_who_rated_last_come_first(interactions):
    assert interactions.newest_users(3).users.tolist() == [40, 39, 38]


def test_of_users_who_rated_at_one_moment_the_lower_id_comes_first():
    block = UserBlock.of(ratings((3, 0, 2, 50), (4, 0, 2, 50), (5, 0, 2, 60), (5, 1, 2, 10)))
    assert NewestUsers.of(block).cut(2).users.tolist() == [5, 3]


def test_no_ratings_are_a_block_without_users(spark, write_input):
    found = find_input(str(write_input([movie(1)], [])))
    index = MovieIndex(movie_ids(read_movies(found.movies)[0]))
    context = spark.sparkContext
    scan = Scan(context, plan_splits("ratings", found.ratings), context.broadcast(index))
    interactions = Interactions.of(scan, 0)
    assert len(interactions.sample(10, 10).users) == 0
    assert len(interactions.newest_users(10).users) == 0
    interactions.release()
