"""A small run with models: a dozen movies, from two of which others follow, and a known user."""

from tests.site.factories import (
    make_models,
    make_ranking,
    make_run,
    make_similar,
    make_user_list,
    make_weights,
)

WEIGHTS = {1: {2: 90, 7: 5, 8: 40, 9: 100}, 2: {1: 70, 3: -20, 7: 10, 9: -30}}
"""Movie -> movie -> step; of movie 12 nothing follows."""
USER = 42
PICKS = ({"like": "1,2"}, {"rated": "1:5,2:2.5"}, {"user": USER}, {"like": "1", "novelty": 1})


def make_fitted():
    """A current run with models; the movie with the id n is of the year 2000 + n."""
    run = make_run()
    make_models(run, users=1)
    movies = make_ranking(run, 12)
    for movie in movies:
        movie.year = 2000 + movie.pk
        movie.save()
        run.recommendationdata_set.filter(movie=movie).update(year=movie.year)
    for movie, weights in WEIGHTS.items():
        make_weights(run, movies[movie - 1], *weights.items())
    make_similar(run, movies[0], (2, 0.5, 60), (3, 0.25, 40))
    make_user_list(
        run,
        USER,
        (5, 2.0, (1, 2, 0), (1.5, -0.25, 0.0)),
        (3, 1.0, (1, 2, 0), (0.5, 0.25, 0.0)),
    )
    return run
