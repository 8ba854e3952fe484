"""Made-up ratings of two groups that like different movies."""

import numpy as np

from spark_jobs.evaluation.sample import Sample
from spark_jobs.evaluation.systems import RankingParameters

RANKING = RankingParameters(prior_weight=50, min_ratings=5)
DAY = 86_400


def made_up(users=60, movies=40, seed=3):
    """Each user rates half of the movies, those of the user's own group higher and more often."""
    chance = np.random.default_rng(seed)
    own = np.arange(users)[:, None] % 2 == np.arange(movies) % 2
    rated = chance.random((users, movies)) < np.where(own, 0.8, 0.2)
    user_index, movie_index = np.nonzero(rated)
    stars = np.where(own[rated], 4.5, 1.5) + chance.integers(-1, 2, len(user_index)) / 2
    rated_at = chance.integers(0, 1_000, len(user_index)) * DAY
    return Sample(user_index, movie_index, stars, rated_at, users, np.ones((movies, 1)))
