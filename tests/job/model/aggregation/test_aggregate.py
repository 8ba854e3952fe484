"""One pass: half-star counts of the accepted, and nobody's rating counted twice."""

import random

import pytest

from spark_jobs.input.files.find import find_input
from spark_jobs.input.files.splits import plan_splits
from spark_jobs.input.formats.ids import code_of
from spark_jobs.input.movies.catalogue import MovieIndex, movie_ids, read_movies
from spark_jobs.input.ratings.blocks import ParsedBlock
from spark_jobs.input.ratings.scan import Scan, ScannedBlock
from spark_jobs.input.rejection import Rejected
from spark_jobs.model.aggregation.aggregate import Tally, tally
from spark_jobs.model.aggregation.counts import NEVER, Counts, totals
from spark_jobs.model.aggregation.deduplicate import count_deduplicated, deduplicate
from tests.job.conftest import movie, rating
from tests.job.model.ratings import ratings


def counted(*blocks, movies=3):
    found = Tally(Counts.zero(movies))
    for block in blocks:
        found.add(ScannedBlock("ratings.csv", ParsedBlock(ratings(*block), [])))
    return found


def test_half_stars_are_counted_by_movie():
    counts = counted([(1, 0, 8, 10), (2, 0, 8, 30)], [(3, 0, 10, 20), (3, 2, 1, 5)]).counts
    assert counts.half_stars[0].tolist() == [0, 0, 0, 0, 0, 0, 0, 2, 0, 1]
    assert counts.half_stars[2].tolist() == [1] + [0] * 9
    assert counts.last_rated_at.tolist() == [30, NEVER, 5]
    assert totals(counts).rated_movies == 2


def test_the_mean_comes_from_integer_sums():
    found = totals(counted([(1, 0, 1, 0), (2, 0, 1, 0), (3, 1, 2, 0)]).counts)
    assert found.by_half_stars == (2, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    assert found.mean == 4 / 6


def test_no_ratings_are_no_error():
    found = totals(counted([]).counts)
    assert (found.ratings, found.rated_movies) == (0, 0)
    assert found.mean != found.mean  # NaN


def test_merged_tallies_are_the_tally_of_all():
    blocks = [[(1, 0, 8, 10)], [(2, 1, 6, 30)], [(3, 0, 10, 20)]]
    merged = counted(blocks[2]).merged(counted(blocks[0])).merged(counted(blocks[1]))
    together = counted(*blocks)
    assert (merged.counts.half_stars == together.counts.half_stars).all()
    assert (merged.counts.last_rated_at == together.counts.last_rated_at).all()
    assert merged.is_proved_distinct


A, B, C, D = (1, 1, 8, 0), (1, 2, 8, 0), (2, 0, 8, 0), (2, 2, 8, 0)


@pytest.mark.parametrize(
    ("tasks", "distinct"),
    [
        ([[[A, B, C, D]]], True),
        ([[[A, B], [C, D]]], True),
        ([[[C, D]], [[A, B]]], True),  # tasks in any order
        ([[[D], [A, B]], [[C]]], True),  # files in any order
        ([[[A], []], [[]], [[B, C, D]]], True),
        ([[[]]], True),
        ([[[A, A]]], False),
        ([[[A, B, A]]], False),
        ([[[B, A]]], False),  # distinct, but not proved
        ([[[A, B], [B, C]]], False),
        ([[[A, B]], [[B, C]]], False),
        ([[[A, C]], [[B, D]]], False),  # overlapping: distinct, but not proved
        ([[[A, B]], [[A, B]]], False),
    ],
)
def test_distinct_is_what_ascends_within_blocks_and_over_their_borders(tasks, distinct):
    found = Tally(Counts.zero(3))
    for blocks in tasks:
        found = found.merged(counted(*blocks))
    assert found.is_proved_distinct == distinct


def test_of_several_ratings_of_a_user_and_movie_the_latest_counts():
    kept = deduplicate(
        ratings(
            (1, 0, 2, 50), (1, 0, 9, 40), (2, 0, 9, 50), (1, 1, 3, 10), (1, 0, 4, 50), (1, 1, 3, 10)
        )
    )  # fmt: skip
    rows = zip(kept.user, kept.movie_index, kept.half_stars, strict=True)
    # Of two ratings in the same second the higher one.
    assert sorted(rows) == [(1, 0, 4), (1, 1, 3), (2, 0, 9)]


def test_users_with_text_ids_are_told_apart_though_their_codes_fit_no_key():
    one, other = code_of("anna"), code_of("ben")
    given = ((one, 0, 2, 50), (other, 0, 9, 40), (one, 0, 9, 60), (other, 1, 3, 10))
    assert not counted(given).is_proved_distinct
    kept = deduplicate(ratings(*given))
    rows = zip(kept.user.tolist(), kept.movie_index, kept.half_stars, strict=True)
    assert sorted(rows) == sorted([(one, 0, 9), (other, 0, 9), (other, 1, 3)])


def test_ratings_in_any_order_over_many_machines_come_to_the_same(spark, write_input):
    rows = [
        rating(user, movie_id, stars, at)
        for user in range(1, 40)
        for movie_id in (1, 2, 3)
        for stars, at in ((1.0, 10), (4.5, user), (2.0, 5))
    ]
    random.Random(1).shuffle(rows)
    found = find_input(str(write_input([movie(n) for n in (1, 2, 3)], rows)))
    index = MovieIndex(movie_ids(read_movies(found.movies)[0]))
    splits = plan_splits("ratings", found.ratings, split_bytes=500)
    scan = Scan(spark.sparkContext, splits, spark.sparkContext.broadcast(index))
    tallied = tally(scan)
    assert tallied.counts.ratings == len(rows)
    assert not tallied.is_proved_distinct
    counts = count_deduplicated(scan, len(rows))
    # At 10 seconds 4.5 stars tie with 1.0; before that 1.0 is the last word.
    assert counts.half_stars[:, 9 - 1].tolist() == [30] * 3
    assert counts.half_stars[:, 2 - 1].tolist() == [9] * 3
    assert counts.ratings == 39 * 3
    assert counts.last_rated_at.tolist() == [39] * 3


def test_the_sample_of_rejected_rows_is_bounded_and_the_first_in_order(monkeypatch):
    monkeypatch.setattr("spark_jobs.input.rejection.SAMPLED", 2)
    rows = [("f", "malformed", raw) for raw in ("d", "a", "c")] + [("e", "malformed", "z")]
    forwards, backwards = Rejected.of(rows), Rejected.of(rows[3:])
    backwards.merge(Rejected.of(rows[:3]))
    assert forwards.sample == backwards.sample == {"malformed": [("e", "z"), ("f", "a")]}
    assert forwards.counts == backwards.counts == {"malformed": 4}
