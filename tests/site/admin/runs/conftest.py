"""A kept run and the current one."""

import pytest

from tests.site.admin.runs.run_pages import former_movie
from tests.site.factories import evaluation, make_movie, make_run, rate


@pytest.fixture
def former():
    """A kept run: ranks 1, 2, 3 of movies 1, 2, 3."""
    run = make_run("superseded", evaluation=evaluation(0.2))
    for movie_id in (1, 2, 3):
        rate(run, make_movie(movie_id), 5 - movie_id / 100, rank=movie_id)
    return run


@pytest.fixture
def current(former):
    """The current one: movie 2 is the first, 4 the second, 1 the third; 3 has too few ratings."""
    run = make_run(evaluation=evaluation(0.5))
    for rank, movie in enumerate([2, 4, 1], start=1):
        row = make_movie(4) if movie == 4 else former_movie(former, movie)
        rate(run, row, 5 - rank / 100, rank=rank)
    rate(run, former_movie(former, 3), rating_count=9)
    return run
