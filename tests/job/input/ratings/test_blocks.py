"""Each reason code has a row that earns it, whatever stands around the row."""

import itertools

import numpy as np
import pytest

from spark_jobs.input.formats.file_format import CSV, DAT, TABS
from spark_jobs.input.movies.catalogue import MovieIndex
from spark_jobs.input.ratings.blocks import parse
from tests.job.conftest import rating
from tests.job.input.ratings.rejected import REJECTED

UNREADABLE = {
    b"1,1,4.0,5\x00": "1,1,4.0,5\\x00",
    b"1,1,\xff4.0,5": "1,1,\\xff4.0,5",
    b"1,1,4\r.0,5": "1,1,4\\x0d.0,5",
    b"1,1,4.0,5\r1,2,3.0,5": "1,1,4.0,5\\x0d1,2,3.0,5",
}
ACCEPTED = {
    "1,1,0.5,5": 1,
    "1,1,5,5": 10,
    "1,1,5.0,0": 10,
    "1,1,4.50,5": 9,
    "1,1,4.,5": 8,
    "1,1,.5,5": 1,
    "1.0,1.,3.5,5.0": 7,
    "001,000000000000000000000001,3.5,005": 7,
    '1,"1",3.5,5': 7,
    '"1","1","3.5","5"': 7,
}
INDEX = MovieIndex(np.array([1, 2], np.int32))
CLEAN, DIRTY = b"2,2,3.0,5\n", b"2,2,three,5\n"
NEIGHBOURS = list(itertools.product([b"", CLEAN, DIRTY], repeat=2))
"""What may stand before and behind a row: what becomes of it must not depend on that."""


def parsed(line: bytes, before: bytes = b"", behind: bytes = b"", end: bytes = b"\n"):
    """(half-stars of the line or None, what is wrong with it), parsed amid its neighbours."""
    ratings, rejected, _ = parse(before + line + end + behind, CSV, INDEX)
    rejections = list(rejected)
    for _ in range((before + behind).count(DIRTY)):
        rejections.remove(("malformed", "2,2,three,5"))
    return [int(k) for k in ratings.half_stars[ratings.user == 1]], rejections


@pytest.mark.parametrize("line", REJECTED)
def test_a_rejected_row_has_its_reason_and_its_text_wherever_it_stands(line):
    for before, behind in NEIGHBOURS:
        assert parsed(line.encode(), before, behind) == ([], [(REJECTED[line], line)])


@pytest.mark.parametrize("line", UNREADABLE)
def test_what_is_no_text_is_shown_escaped(line):
    for before, behind in NEIGHBOURS:
        assert parsed(line, before, behind) == ([], [("bad_text", UNREADABLE[line])])


@pytest.mark.parametrize("line", ACCEPTED)
def test_all_ways_to_write_a_half_star_count(line):
    for before, behind in NEIGHBOURS:
        for end in (b"\n", b"\r\n"):
            assert parsed(line.encode(), before, behind, end) == ([ACCEPTED[line]], [])


def test_a_quoted_row_that_is_rejected_keeps_its_own_text():
    assert parsed(b'1,1,"6.0",5') == ([], [("rating_out_of_range", '1,1,"6.0",5')])


def test_blank_lines_are_no_rows():
    ratings, rejected, _ = parse(b"\n1,1,4.0,5\n\r\n\n2,2,3.0,5\n", CSV, INDEX)
    assert (ratings.user.tolist(), rejected) == ([1, 2], [])


def test_a_line_of_ten_megabytes_is_one_rejected_row():
    ((reason, raw),) = parsed(b"1,1,4.0," + b"x" * 10_000_000, CLEAN, CLEAN)[1]
    assert (reason, len(raw)) == ("bad_timestamp", 10_000_008)


@pytest.mark.parametrize(("file_format", "separator"), [(DAT, "::"), (TABS, "\t")])
def test_older_separators_are_read_by_the_same_rules(file_format, separator):
    for line, half_stars in {rating(1, 2, 3): 6, rating(1, 2, 3.5): 7}.items():
        ratings, *_ = parse(f"{line}\n".replace(",", separator).encode(), file_format, INDEX)
        assert (ratings.movie_index.tolist(), ratings.half_stars.tolist()) == ([1], [half_stars])
    for line, reason in REJECTED.items():
        if "::" not in line and '"' not in line:
            text = line.replace(",", separator)
            ratings, rejected, _ = parse(f"{text}\n".encode(), file_format, INDEX)
            assert (len(ratings.user), rejected) == (0, [(reason, text)])


def test_a_separator_that_is_half_of_one_is_none():
    for line in ("1:1:4:5", "1::1:4::5", "1::1::4:5:5", "1:2:1::4::5"):
        assert parse(f"{line}\n".encode(), DAT, INDEX)[1] == [("malformed", line)]


@pytest.mark.parametrize("ids", [[3, 10, 500], [3, 10, 2**31 - 1], []])
def test_a_position_is_that_of_the_id_however_large_it_is(ids):
    index = MovieIndex(np.array(ids, np.int32))
    asked = np.array([3, 10, 11, 500, 2**31 - 1, 2**40, 1])
    expected = [ids.index(movie) if movie in ids else -1 for movie in asked.tolist()]
    assert index.positions(asked).tolist() == expected
