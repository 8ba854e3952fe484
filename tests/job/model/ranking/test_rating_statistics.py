"""The prior weight from the data, the interval, and what is trending."""

import math

import numpy as np
import pytest

from spark_jobs.contract import HALF_STARS
from spark_jobs.model.ranking.interval import interval
from spark_jobs.model.ranking.prior_weight import prior_weight, variances
from spark_jobs.model.ranking.trending import choose_half_life, decayed_support


def by_stars(*movies):
    """Half-star counts of movies given by their ratings in stars."""
    return np.array([[stars.count(k / 2) for k in HALF_STARS] for stars in movies])


def test_the_variances_match_a_hand_computed_case():
    found = variances(by_stars([1, 2, 3], [3, 4, 5]))  # squares within 4, between 6
    assert found.within == pytest.approx(4 / (6 - 2))
    assert found.between == pytest.approx((6 - 1) / (6 - 18 / 6))


def test_simulated_ratings_give_their_own_prior_weight_back():
    generator = np.random.default_rng(0)
    means = generator.normal(2.75, 0.5, 3000)
    ratings = generator.normal(means[:, None], 0.7, (3000, 20)).clip(0.5, 5)
    half_stars = np.rint(2 * ratings).astype(int)
    counts = np.stack([(half_stars == k).sum(axis=1) for k in HALF_STARS], axis=1)
    found = prior_weight(counts, classic=50)
    assert found.estimated
    assert found.weight == pytest.approx((0.49 + 1 / 48) / 0.25, rel=0.1)


@pytest.mark.parametrize(
    "movies", [([3, 4], [3, 4]), ([3], [4]), ([3, 3], [4, 4]), ([3, 4],), ()], ids=str
)
def test_data_that_tells_no_prior_weight_gets_the_classic_one(movies):
    counts = by_stars(*movies).reshape(-1, len(HALF_STARS))
    found = prior_weight(counts, classic=50)
    assert (found.weight, found.estimated) == (50, False)


def test_the_interval_narrows_with_ratings_and_stays_on_the_scale():
    weighted, n = np.array([4.0, 4.0, 4.9]), np.array([0, 97, 0])
    found = interval(weighted, n, within_variance=1.0, prior_weight=3.0)
    assert found.lower[0] == pytest.approx(4 - 1.6449 / 3**0.5, abs=1e-4)
    assert found.upper[1] == pytest.approx(4 + 0.16449, abs=1e-4)
    assert found.upper[2] == 5


def test_support_halves_in_a_half_life():
    found = decayed_support(np.array([[8, 0, 0], [0, 0, 3]]), half_life=1.0)
    assert found.tolist() == [2, 3]
    assert decayed_support(np.array([[8, 0, 1]]), math.inf).tolist() == [9]


def test_a_short_half_life_is_chosen_where_taste_moves_and_none_where_it_stays():
    moving = np.array([[20 if month // 2 == movie else 1 for month in range(24)]
                       for movie in range(12)])  # fmt: skip
    assert choose_half_life(moving).months <= 2
    alternating = np.array([[21, 10] * 12, [10, 20] * 12])
    assert choose_half_life(alternating).months == math.inf


def test_data_of_one_month_has_no_trend():
    assert choose_half_life(np.array([[3], [4]])).months == math.inf
