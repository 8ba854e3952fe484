"""The terms of a score for readers to check: rounded, but still adding up."""

from dataclasses import dataclass

from app.catalogue.movies.explanation import Explanation

SCORE_DECIMALS = 2
MOST_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class ScoreTerms:
    """(n R + m C) / (n + m) with enough decimals to get the score on a pocket calculator."""

    decimals: int
    """Of both means."""
    weight_format: int
    """Argument of `floatformat` for the prior weight, such as 50 or 3.14."""
    total: float
    """n + m."""
    percent: int
    """The movie's own share of the score; shown as neither 0 nor 100, which it never is."""


def score_terms(explained: Explanation) -> ScoreTerms:
    """The terms with as few decimals as will do."""
    wanted = round(explained.weighted_rating, SCORE_DECIMALS)
    weight_decimals = 0 if explained.m == round(explained.m) else 2
    decimals = next(
        (
            decimals
            for decimals in range(SCORE_DECIMALS, MOST_DECIMALS + 1)
            if _computed(explained, decimals, weight_decimals) == wanted
        ),
        SCORE_DECIMALS,
    )
    return ScoreTerms(
        decimals=decimals,
        weight_format=-weight_decimals,
        total=explained.n + explained.m,
        percent=min(max(round(100 * explained.weight), 1), 99),
    )


def _computed(explained: Explanation, decimals: int, weight_decimals: int) -> float:
    """The score from rounded terms."""
    own, prior = round(explained.R, decimals), round(explained.C, decimals)
    m = round(explained.m, weight_decimals)
    return round((explained.n * own + m * prior) / (explained.n + m), SCORE_DECIMALS)
