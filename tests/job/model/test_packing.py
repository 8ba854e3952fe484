"""Packed columns: little-endian, a name's numbers of all entries behind one another."""

import struct

import numpy as np
import pytest

from spark_jobs.contract import MONTHS, USER_RECOMMENDATIONS
from spark_jobs.model.packing import pack, pack_rows


def test_the_numbers_of_each_name_follow_one_another():
    columns = [np.array([300, 301]), np.array([7, 70_000])]
    assert pack(columns, MONTHS) == struct.pack("<2H2I", 300, 301, 7, 70_000)


def test_an_entry_may_have_several_numbers_of_a_name():
    reasons = np.array([[1, 2, 3], [4, 0, 0]])
    shares = np.array([[0.5, -0.25, 0.125], [1.0, 0.0, 0.0]])
    packed = pack([np.array([10, 20]), np.array([2.5, 1.5]), reasons, shares], USER_RECOMMENDATIONS)
    assert packed == struct.pack(
        "<2I2f6I6f", 10, 20, 2.5, 1.5, 1, 2, 3, 4, 0, 0, 0.5, -0.25, 0.125, 1, 0, 0
    )


def test_rows_are_packed_as_if_each_were_alone():
    months, ratings = np.array([1, 2, 5]), np.array([3, 4, 9])
    assert pack_rows([months, ratings], np.array([0, 2, 2, 3]), MONTHS) == [
        pack([months[:2], ratings[:2]], MONTHS),
        b"",
        pack([months[2:], ratings[2:]], MONTHS),
    ]


@pytest.mark.parametrize("month", [-1, 65_536])
def test_a_number_that_does_not_fit_is_refused(month):
    with pytest.raises(OverflowError, match="month"):
        pack([np.array([month]), np.array([1])], MONTHS)
