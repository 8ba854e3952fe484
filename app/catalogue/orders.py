"""The orders of a list. Each is total: no two movies tie."""

from typing import Literal

Order = Literal["weighted_rating", "avg_rating", "rating_count", "year", "lower_bound", "trending"]
RANKING: Order = "weighted_rating"
"""The job's own order, that of its ranks; the only one in which pins apply."""
ORDERS: dict[Order, tuple[str, ...]] = {
    "weighted_rating": ("weighted_rating", "rating_count"),
    "avg_rating": ("avg_rating", "rating_count"),
    "rating_count": ("rating_count", "weighted_rating"),
    "year": ("year", "weighted_rating", "rating_count"),
    "lower_bound": ("lower_bound", "rating_count"),
    "trending": ("trend", "rating_count"),
}
"""The columns that each compares, the greatest first. Ties go to the lower movie id."""
LATER: dict[Order, str] = {"lower_bound": "lower bounds", "trending": "trends"}
"""Orders that a run may lack, and what is missing then: ratings may come without times."""
