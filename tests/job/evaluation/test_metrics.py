"""Metrics against cases computed by hand and against trec_eval."""

import math

import numpy as np
import pytest
import pytrec_eval

from spark_jobs.evaluation.metrics import gini, list_metrics, top_lists, user_metrics
from spark_jobs.evaluation.report import bootstrap, system_report
from spark_jobs.evaluation.splits import matrix, random_test_by_movie, temporal_test


def relevant(*users, movies=10):
    rows = np.repeat(np.arange(len(users)), [len(wanted) for wanted in users])
    columns = np.array([movie for wanted in users for movie in wanted], int)
    return matrix(rows, columns, np.ones(len(rows)), (len(users), movies))


def test_metrics_match_a_case_computed_by_hand():
    found = user_metrics(np.array([[4, 1, 2]]), relevant([1, 2, 7, 8]))
    gained, ideal = 1 / math.log2(3) + 1 / 2, 1 + 1 / math.log2(3) + 1 / 2
    assert found.ndcg[0] == pytest.approx(gained / ideal)
    assert found.precision[0] == pytest.approx(2 / 3)
    assert found.recall[0] == 2 / 4
    assert found.average_precision[0] == pytest.approx((1 / 2 + 2 / 3) / 4)


def test_metrics_agree_with_trec_eval():
    generator = np.random.default_rng(0)
    scores, wanted = generator.random((30, 60)), generator.random((30, 60)) < 0.2
    lists = top_lists(scores, relevant(*[[]] * 30, movies=60))
    ours = user_metrics(lists, relevant(*map(np.flatnonzero, wanted), movies=60))
    names = {"ndcg_cut_10": ours.ndcg, "P_10": ours.precision,
             "recall_10": ours.recall, "map_cut_10": ours.average_precision}  # fmt: skip
    judged = {f"{u:02}": {str(i): 1 for i in np.flatnonzero(row)} for u, row in enumerate(wanted)}
    run = {f"{u:02}": {str(i): s for i, s in enumerate(row)} for u, row in enumerate(scores)}
    measures = {"ndcg_cut.10", "P.10", "recall.10", "map_cut.10"}
    theirs = pytrec_eval.RelevanceEvaluator(judged, measures).evaluate(run)
    for name, values in names.items():
        np.testing.assert_allclose(values, [theirs[u][name] for u in sorted(run)], atol=1e-12)


def test_lists_leave_out_what_was_seen_and_end_where_nothing_is_left():
    scores = np.array([[5.0, 4, 4, -np.inf], [1, 2, 3, 4]])
    lists = top_lists(scores, relevant([0], [3], movies=4), k=3)
    assert lists.tolist() == [[1, 2, -1], [2, 1, 0]]


def test_users_without_a_relevant_movie_are_left_out():
    assert len(user_metrics(np.array([[1], [1]]), relevant([1], [])).ndcg) == 1


def test_metrics_of_all_lists_match_a_case_computed_by_hand():
    found = list_metrics(np.array([[0, 1], [0, -1]]), np.array([4, 2, 1, 0]), users=4)
    assert (found.titles, found.coverage) == (2, 0.5)
    assert found.novelty == pytest.approx((0 + 1 + 0) / 3)
    assert found.gini == pytest.approx((-3 * 0 - 1 * 0 + 1 * 1 + 3 * 2) / (4 * 3))
    assert gini(np.array([3, 3, 3])) == 0


def test_a_bootstrap_interval_holds_the_mean_and_is_always_the_same():
    values = np.random.default_rng(1).random(400)
    found = bootstrap(values)
    assert found == bootstrap(values)
    assert found.lower < values.mean() < found.upper
    standard_error = values.std() / 20
    assert found.upper - found.lower == pytest.approx(2 * 1.645 * standard_error, rel=0.1)


def test_a_report_counts_the_users_that_were_tested():
    report = system_report("x", np.array([[1], [2]]), relevant([1], [], movies=3), np.ones(3, int))
    assert (report.users, report.metrics["ndcg"].mean, report.lists.titles) == (1, 1.0, 1)


def test_a_temporal_split_never_tests_with_what_came_before_the_training():
    times = np.array([5, 1, 3, 3, 9, 3, 2, 8])
    test = temporal_test(times, 0.5)
    assert times[~test].max() < times[test].min()
    assert sorted(times[test]) == [5, 8, 9]


def test_a_random_split_takes_its_share_of_each_movie():
    movies = np.repeat([0, 1, 2], [100, 8, 1])
    test = random_test_by_movie(movies, 0.75, seed=3)
    assert np.bincount(movies[test], minlength=3).tolist() == [25, 2, 0]
    assert (test != random_test_by_movie(movies, 0.75, seed=4)).any()
