"""What the quality benchmark reads: folders, given test files, and the tables of a run."""

import sqlite3

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.quality.data import core, read_folder
from benchmarks.quality.published import read_lists, read_weights
from benchmarks.quality.splits import quest_splits
from spark_jobs.evaluation.metrics import NOTHING
from spark_jobs.evaluation.visitors import pick
from spark_jobs.model.recommendations.personal import personal_lists, personal_rows
from spark_jobs.model.recommendations.visitor_model import published_weights, visitor_rows
from tests.job.model.ratings import some_ratings


def ml_1m(folder, stars="5"):
    """Twelve users who rated all of eleven movies, and a thirteenth with one rating."""
    rated = [(user, 10 * movie) for user in range(1, 13) for movie in range(1, 12)] + [(13, 10)]
    lines = [f"{user}::{movie}::{stars}::97830{user:04}" for user, movie in rated]
    (folder / "ratings.dat").write_text("\n".join(lines))
    movies = [f"{10 * movie}::Title::Drama|War" for movie in range(1, 12)]
    (folder / "movies.dat").write_text("\n".join(movies))
    return folder


def test_a_folder_is_read_with_its_genres(tmp_path):
    data = read_folder(ml_1m(tmp_path))
    assert (len(data.user_ids), len(data.movie_ids), len(data.stars)) == (13, 11, 133)
    assert data.genres.tolist() == [[1, 1]] * 11
    assert len(core(data, 10).stars) == 132


def test_given_test_pairs_are_taken_out_of_the_training_data(tmp_path):
    (tmp_path / "fold.tsv").write_text("1\t10\n12\t110\n")
    split = next(quest_splits(read_folder(ml_1m(tmp_path)), [tmp_path / "fold.tsv"]))
    assert list(zip(*np.nonzero(split.test.toarray()), strict=True)) == [(0, 0), (11, 10)]
    assert len(split.train.stars) == 130


def test_a_test_pair_that_is_not_in_the_data_is_refused(tmp_path):
    (tmp_path / "fold.tsv").write_text("1,10\n13,10\n")
    with pytest.raises(SystemExit, match="1 of 2 pairs are not in the ratings of 4 up"):
        next(quest_splits(read_folder(ml_1m(tmp_path)), [tmp_path / "fold.tsv"]))


def test_picks_and_the_rest_are_all_that_a_visitor_likes():
    liked = some_ratings()
    liked = liked[np.diff(liked.indptr) > 2]
    named, rest = pick(liked, 2)
    assert set(np.diff(named.indptr)) == {2}
    np.testing.assert_array_equal((named + rest).toarray(), liked.toarray())


@pytest.fixture
def tables():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE app_userrecommendation (user_id, packed)")
    connection.execute("CREATE TABLE app_visitorweights (movie_id, scale, packed)")
    return connection


def insert(tables, table, rows: pa.Table):
    marks = ", ".join("?" for _ in rows.column_names)
    values = [tuple(row.values()) for row in rows.to_pylist()]
    tables.executemany(f"INSERT INTO {table} VALUES ({marks})", values)


def test_published_rows_are_read_back_by_the_positions_of_the_data_set(tmp_path, tables):
    data = read_folder(ml_1m(tmp_path))
    movies = len(data.movie_ids)
    weights = np.random.default_rng(0).normal(size=(movies, movies)).astype(np.float32)
    np.fill_diagonal(weights, 0)
    x = data.where(data.movie_index < 4).matrix()[:2]
    ids = data.movie_ids.astype(np.int32)
    users = personal_rows(data.user_ids[:2], x, weights, ids)
    insert(tables, "app_userrecommendation", users)
    insert(tables, "app_visitorweights", visitor_rows(weights, ids))
    expected = [found.movies.tolist() for found in personal_lists(x, weights)]
    lists = read_lists(tables, data)
    assert [row[row != NOTHING].tolist() for row in lists[:2]] == expected
    assert (lists[2:] == NOTHING).all()
    found, wanted = read_weights(tables, data), published_weights(weights)
    np.testing.assert_allclose(found.toarray(), wanted.toarray())
