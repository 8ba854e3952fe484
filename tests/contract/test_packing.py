"""Packed columns: what the job's contract says and the site reads are one and the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue import packing
from spark_jobs import contract
from spark_jobs.model.packing import pack

LAYOUTS = ("MONTHS", "SIMILAR_MOVIES", "VISITOR_WEIGHTS", "USER_RECOMMENDATIONS")
NUMBERS = {
    "H": st.integers(0, 2**16 - 1),
    "I": st.integers(0, 2**32 - 1),
    "b": st.integers(-128, 127),
    "f": st.floats(width=32, allow_nan=False),
}


def test_the_site_knows_the_packing_of_the_contract():
    assert packing.VERSION == contract.PACKING
    for name in LAYOUTS:
        assert getattr(packing, name) == getattr(contract, name)


@pytest.mark.parametrize("name", LAYOUTS)
@given(data=st.data(), entries=st.integers(0, 5))
def test_the_site_reads_what_the_job_packs(name, data, entries):
    layout = getattr(contract, name)
    columns = [
        data.draw(st.lists(NUMBERS[code], min_size=size, max_size=size))
        for _, code, numbers in layout
        for size in [entries * numbers]
    ]
    arrays = [
        np.array(column, code).reshape(entries, numbers) if numbers > 1 else np.array(column, code)
        for (_, code, numbers), column in zip(layout, columns, strict=True)
    ]
    unpacked = packing.unpack(pack(arrays, layout), layout)
    assert [column.tolist() for column in unpacked] == columns
