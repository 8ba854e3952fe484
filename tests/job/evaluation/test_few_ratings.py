"""With too few ratings for a measurement the job does not deal them out for it."""

from spark_jobs.model.recommendations.interactions import Interactions


def test_few_ratings_are_not_dealt_out_to_measure_nothing(
    run_job, write_input, sqlite_target, monkeypatch
):
    monkeypatch.setattr(Interactions, "sample", None)
    outcome = run_job(write_input(), sqlite_target)
    assert outcome.status == 0, outcome.err
    assert "nothing is measured with fewer than 1,000 ratings" in outcome.out + outcome.err
    assert sqlite_target.rows("SELECT evaluation FROM app_run") == [(None,)]
