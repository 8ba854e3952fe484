"""The names of the gates, and the limits of what is published. Standard library only."""

from dataclasses import dataclass

LARGEST_DROP = 0.20
LARGEST_MOVE = 0.25
SMALLEST_REST = 0.60
LARGEST_LOSS = 0.10
GATES = {
    "movies_dropped": f"more than {LARGEST_DROP:.0%} fewer accepted movies",
    "ratings_dropped": f"more than {LARGEST_DROP:.0%} fewer accepted ratings",
    "prior_mean_moved": f"the prior mean moved by more than {LARGEST_MOVE} stars",
    "top_replaced": f"less than {SMALLEST_REST:.0%} of the previous top 100 are left",
    "quality_dropped": f"nDCG@10 of the personal lists fell by more than {LARGEST_LOSS:.0%}, and "
    "by more than chance",
    "synthetic_over_real": "generated data would replace real ones",
}
"""Name of a gate -> what closes it."""


@dataclass(frozen=True)
class Limit:
    """The most movies, or ratings, that may be rejected: a number, or a share of those read."""

    amount: float
    is_share: bool

    def __str__(self) -> str:
        return f"{self.amount * 100:g}%" if self.is_share else f"{self.amount:g} rows"

    def is_exceeded(self, rejected: int, read: int) -> bool:
        """Whether more were rejected than allowed."""
        return rejected > (self.amount * read if self.is_share else self.amount)
