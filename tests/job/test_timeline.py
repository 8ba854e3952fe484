"""The waterfall of `--profile`: which spans there are, in which order, and how they are drawn."""

import re
import threading
import time

import pytest

from spark_jobs import timeline

LINE = re.compile(r" *([\d.]+) +([\d.]+)  ( *)(\S.*?) {2,}( *)(█+)")
SHORT = 2 * timeline.LEAST_SECONDS


@pytest.fixture(autouse=True)
def spans(monkeypatch):
    monkeypatch.setattr(timeline, "_spans", [])


def drawn() -> list[tuple[str, int]]:
    """(name, depth) of each line between the head and the sum."""
    lines = timeline.waterfall().splitlines()[1:-1]
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found), lines
    return [(one[4], len(one[3]) // 2) for one in found if one]


def test_spans_stand_in_the_order_of_their_beginning_and_within_one_another():
    with timeline.span("publish"):
        with timeline.span("rows"):
            time.sleep(SHORT)
        with timeline.span("flip"):
            time.sleep(SHORT)
    assert drawn() == [("publish", 0), ("rows", 1), ("flip", 1)]


def test_another_thread_has_a_depth_of_its_own():
    def start() -> None:
        with timeline.span("JVM"):
            time.sleep(SHORT)

    with timeline.span("movies"):
        thread = threading.Thread(target=start)
        thread.start()
        thread.join()
    assert drawn() == [("movies", 0), ("JVM", 0)]


def test_a_span_that_failed_is_shown_and_what_follows_is_not_within_it():
    with pytest.raises(ValueError), timeline.span("check"):
        time.sleep(SHORT)
        raise ValueError
    with timeline.span("next"):
        time.sleep(SHORT)
    assert drawn() == [("check", 0), ("next", 0)]


def test_a_run_ends_with_the_waterfall_of_its_steps(run_job, write_input, sqlite_target):
    outcome = run_job(write_input(), sqlite_target, "--profile", "--no-models")
    *_, waterfall = outcome.out.partition("from s")
    steps = re.findall(r"  (movies|ratings|publish)  ", waterfall)
    assert steps[-2:] == ["ratings", "publish"]


def test_what_took_no_time_is_left_out():
    with timeline.span("nothing"):
        pass
    assert drawn() == []


def test_a_lap_begins_where_the_last_span_ended_and_the_first_with_the_process():
    timeline.lap("interpreter")
    time.sleep(SHORT)
    timeline.lap("imports")
    first, second = timeline._spans
    assert first.begin == 0 and first.end == second.begin < second.end < timeline.seconds()


def test_bars_are_as_long_as_their_share_of_the_whole():
    line = timeline.Span("half", 1.0, 2.0, 0).line(whole=2.0)
    found = LINE.fullmatch(line)
    assert found and found[6] == "█" * (timeline.WIDTH // 2)
    assert line.endswith(" " * (timeline.WIDTH // 2) + found[6])
