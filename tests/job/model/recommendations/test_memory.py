"""What the models take is known beforehand, and refused with what would fit."""

import pytest

from spark_jobs.errors import JobError
from spark_jobs.model.recommendations.memory import Memory, check_memory, machine_memory

GB = 10**9


def test_models_that_do_not_fit_are_refused_with_what_would():
    with pytest.raises(JobError, match=r"20,000 movies need \d\.\d\d GB, 2 tasks") as error:
        check_memory(20_000, 2, available=4 * GB, limited=False)
    assert "they may take 2.00 of this machine's 4.00 GB" in str(error.value)
    fits = int(str(error.value).split("--max-items ")[1].split(",")[0])
    assert Memory(fits, 2).machine <= 2 * GB < Memory(fits + 1, 2).machine


def test_who_says_how_many_movies_may_use_all_of_the_machine():
    movies, available = 13_000, 4 * GB
    with pytest.raises(JobError):
        check_memory(movies, 2, available=available, limited=False)
    assert check_memory(movies, 2, available=available, limited=True).machine < available


def test_where_nothing_fits_the_remedy_is_to_leave_the_models_out():
    with pytest.raises(JobError, match="GB: give --no-models"):
        check_memory(100, 2, available=GB // 10, limited=False)


def test_on_a_cluster_the_driver_holds_a_matrix_alone():
    assert Memory(13_000, 0).machine == 4 * 13_000**2


def test_this_machine_has_memory():
    assert machine_memory() > GB // 2
