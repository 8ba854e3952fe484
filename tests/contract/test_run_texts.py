"""Every code of the job that the site shows has a text, and no other."""

from app.runs.texts import GATES, OF_QUALITY, REASONS, SPLITS, SYSTEMS
from spark_jobs.evaluation.evaluate import evaluate
from spark_jobs.gate import thresholds
from spark_jobs.input import rejection
from spark_jobs.model.recommendations.config import ModelConfig
from tests.job.evaluation.two_groups import RANKING, made_up


def test_reasons_for_rejection_are_those_of_the_job_word_for_word():
    assert {code: str(text) for code, text in REASONS.items()} == rejection.REASONS


def test_every_gate_has_a_text_with_its_limit():
    assert GATES.keys() == thresholds.GATES.keys()
    assert all(map(str, GATES.values()))
    assert OF_QUALITY in GATES
    assert (thresholds.LARGEST_DROP, thresholds.SMALLEST_REST) == (0.2, 0.6)
    assert (thresholds.LARGEST_MOVE, thresholds.LARGEST_LOSS) == (0.25, 0.1)


def test_every_split_and_every_measured_system_has_a_text():
    found = evaluate(made_up(), ModelConfig(), RANKING, has_times=True)
    reports = [*found.visitors, *(one for split in found.splits.values() for one in split.systems)]
    assert found.splits.keys() == SPLITS.keys()
    assert {one.name for one in reports} == SYSTEMS.keys()
