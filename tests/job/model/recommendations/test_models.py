"""The models over Spark: as in one process, and the same bytes for any partitions."""

import random

import numpy as np
import pyarrow as pa
import pytest

from spark_jobs.input.files.find import find_input
from spark_jobs.input.files.splits import plan_splits
from spark_jobs.input.movies.catalogue import read_catalogue
from spark_jobs.input.ratings.scan import Scan
from spark_jobs.model.aggregation import deduplicate
from spark_jobs.model.aggregation.aggregate import aggregate
from spark_jobs.model.recommendations import item_model, visitor_model
from spark_jobs.model.recommendations.config import ItemModelConfig, ModelConfig
from spark_jobs.model.recommendations.interactions import Interactions, UserBlock
from spark_jobs.model.recommendations.model_movies import ModelMovies, ratings_of
from spark_jobs.model.recommendations.models import Models
from spark_jobs.model.recommendations.personal import personal_rows
from spark_jobs.model.recommendations.shared_matrix import SharedMatrix
from spark_jobs.model.recommendations.similar import similar_rows
from spark_jobs.model.recommendations.visitor_model import visitor_rows
from tests.job.conftest import movie, rating

CONFIG = ModelConfig(items=ItemModelConfig(min_support=8))
GENRES = ("Drama", "War|Drama", "(no genres listed)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """60 users and 30 movies, of which some are rated by too few."""
    folder = tmp_path_factory.mktemp("models")
    chance = random.Random(5)
    rows = [
        rating(user, n, chance.randint(1, 10) / 2, chance.randint(1, 10**6))
        for user in range(1, 61)
        for n in range(1, 31)
        if chance.random() < n / 50
    ]
    chance.shuffle(rows)
    movies = [movie(n, f"Movie {n} (2000)", GENRES[n % 3]) for n in range(1, 31)]
    (folder / "movies.csv").write_text("\n".join(["movieId,title,genres", *movies, ""]))
    (folder / "ratings.csv").write_text("\n".join(["userId,movieId,rating,timestamp", *rows, ""]))
    return folder


def fit(spark, folder, users=None, *, split_bytes=10**6, ratings=0, make=None):
    """What `make` says of the models: by default all their rows, sorted, and the kept movies."""
    found = find_input(str(folder))
    catalogue, context = read_catalogue(found.movies), spark.sparkContext
    splits = plan_splits("ratings", found.ratings, split_bytes=split_bytes)
    scan = Scan(context, splits, context.broadcast(catalogue.index))
    movies = ModelMovies.of(catalogue.movies, aggregate(scan).counts, CONFIG.items)
    interactions = Interactions.of(scan, ratings)
    models = Models(interactions, movies, CONFIG)
    try:
        return (make or all_rows)(models, context, folder, users)
    finally:
        interactions.release()


def all_rows(models, context, folder, users):
    weights = SharedMatrix.write(context, folder, models.item_weights())
    lists = models.lists(weights, users)
    parts = pa.concat_tables(lists.parts.collect())
    lists.parts.unpersist()
    weights.delete()
    assert lists.num_rows == parts.num_rows
    return models.visitors(), models.similar(), parts.sort_by("user_id")


@pytest.fixture(scope="module")
def rows(spark, folder):
    return fit(spark, folder)


def test_other_partitions_give_the_same_bytes(spark, folder, rows, monkeypatch):
    monkeypatch.setattr(deduplicate, "RATINGS_PER_BUCKET", 150)
    monkeypatch.setattr("spark_jobs.model.recommendations.models.FEW_MOVIES", 0)
    others = fit(spark, folder, split_bytes=3_000, ratings=750)
    assert [other.equals(one) for one, other in zip(rows, others, strict=True)] == [True] * 3


def test_they_are_what_one_process_makes_of_the_same_ratings(spark, folder, rows):
    def in_memory(models, *_):
        block = UserBlock.joined(models.interactions.blocks.collect())
        movies = models.movies
        ratings = ratings_of(block, movies.position)
        x, b = item_model.fit_ratings(ratings, movies.genres, CONFIG.items)
        v = visitor_model.fit_likes(visitor_model.likes(ratings, CONFIG.visitors), CONFIG.visitors)
        pairs = item_model.binary(ratings)
        together = (pairs.T @ pairs).toarray().astype(np.float32)
        return (
            visitor_rows(v, movies.movie_ids),
            similar_rows(together, len(block.users), movies.movie_ids, CONFIG.similar),
            personal_rows(block.users, x, b, movies.movie_ids),
        )

    expected = fit(spark, folder, make=in_memory)
    assert [other.equals(one) for one, other in zip(rows, expected, strict=True)] == [True] * 3


def test_lists_for_some_are_those_of_who_rated_last(spark, folder, rows):
    _, _, lists = fit(spark, folder, users=10)
    every = dict(zip(*rows[2].to_pydict().values(), strict=True))
    assert lists.num_rows == 10
    assert all(every[row["user_id"]] == row["packed"] for row in lists.to_pylist())


def test_no_genre_is_no_genre(spark, folder):
    def genres(models, *_):
        return models.movies.movie_ids, models.movies.genres

    ids, found = fit(spark, folder, make=genres)
    assert found.shape == (len(ids), 2)  # Drama and War
    assert not found[ids % 3 == 2].any()
    assert len(ids) < 30
