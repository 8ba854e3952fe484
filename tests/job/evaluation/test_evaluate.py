"""The evaluation of a run, on made-up ratings in which two groups like different movies."""

import json
from dataclasses import replace

import numpy as np
import pytest

from spark_jobs.evaluation.evaluate import evaluate
from spark_jobs.evaluation.quality import PERSONAL, quality
from spark_jobs.evaluation.rating_quality import rating_buckets
from spark_jobs.evaluation.sample import Sample
from spark_jobs.model.recommendations.config import ModelConfig
from spark_jobs.model.recommendations.interactions import UserBlock
from tests.job.evaluation.two_groups import RANKING, made_up


@pytest.fixture(scope="module")
def found():
    return evaluate(made_up(), ModelConfig(), RANKING, has_times=True)


def ndcg(report):
    return {system.name: system.metrics["ndcg"].mean for system in report.systems}


@pytest.mark.parametrize("split", ["temporal", "random"])
def test_who_likes_what_is_found_where_popularity_finds_nothing(found, split):
    by_system = ndcg(found.splits[split])
    assert by_system[PERSONAL] > 1.3 * by_system["popularity"]
    assert set(by_system) == {
        PERSONAL, "ease", "item_cosine", "trending", "popularity", "weighted_rating"
    }  # fmt: skip


def test_visitors_get_more_from_more_picks(found):
    visitor = next(one for one in found.visitors if one.name == "visitor")
    popularity = next(one for one in found.visitors if one.name == "popularity")
    assert visitor.users == 12
    assert visitor.ndcg[5].mean > popularity.ndcg[5].mean


def test_the_same_data_give_the_same_figures_and_other_data_others(found):
    again = evaluate(made_up(), ModelConfig(), RANKING, has_times=True)
    assert json.dumps(again.as_json()) == json.dumps(found.as_json())
    sample = made_up()
    other = replace(sample, stars=np.where(np.arange(len(sample)) == 0, 0.5, sample.stars))
    assert evaluate(other, ModelConfig(), RANKING, has_times=True) != found


def test_without_times_there_is_no_future_to_tell():
    sample = replace(made_up(), rated_at=np.zeros(len(made_up()), np.int64))
    report = evaluate(sample, ModelConfig(), RANKING, has_times=False)
    assert set(report.splits) == {"random"}
    assert "trending" not in ndcg(report.splits["random"])


@pytest.mark.parametrize("ratings", [1, 2, 12])
def test_next_to_no_ratings_are_measured_without_a_word(ratings):
    few = made_up().where(np.arange(len(made_up())) < ratings)
    report = evaluate(few, ModelConfig(), RANKING, has_times=True)
    assert report.ratings == ratings
    json.dumps(report.as_json())


def test_quality_is_of_the_split_that_tests_more_users(found):
    stored = json.loads(json.dumps(found.as_json()))
    for system in stored["splits"]["temporal"]["systems"]:
        system["users"] -= 1
    measured = quality(stored)
    assert measured.kind == (1, "random", False)
    assert measured.ndcg == ndcg(found.splits["random"])[PERSONAL]
    assert measured.lower < measured.ndcg < measured.upper


def test_errors_and_coverage_of_ratings_match_a_case_computed_by_hand():
    """One movie: 1 and 5 stars to learn from (mean 3), 3 and 4 held out (mean 3.5)."""
    stars = np.array([1.0, 5.0, 3.0, 4.0])
    zeros = np.zeros(4, np.int64)
    sample = Sample(np.arange(4), zeros, stars, zeros, 4, np.ones((1, 1)))
    (bucket,) = rating_buckets(sample, np.array([False, False, True, True]), {"weighted": 2.0})
    assert (bucket.least, bucket.most, bucket.movies, bucket.ratings) == (1, 4, 1, 2)
    assert bucket.rmse["mean"] == pytest.approx(np.sqrt((0 + 1) / 2))
    assert bucket.rmse["weighted"] == pytest.approx(np.sqrt((0 + 1) / 2))
    assert bucket.coverage == {}  # of one movie nobody can tell how movies differ


def test_a_sample_has_the_users_and_movies_of_its_block():
    block = UserBlock(
        users=np.array([7, 9]),
        indptr=np.array([0, 2, 3]),
        movie_index=np.array([1, 4, 4], np.int32),
        half_stars=np.array([1, 10, 6], np.uint8),
        rated_at=np.array([5, 6, 7]),
    )
    sample = Sample.of(block, np.eye(5))
    assert sample.matrix.toarray().tolist() == [[0.5, 5], [0, 3]]
    assert sample.genres.tolist() == np.eye(5)[[1, 4]].tolist()
