"""The orders of a list. Each is total: no two movies tie."""

from typing import Literal

Order = Literal["weighted_rating", "avg_rating", "rating_count", "year", "lower_bound", "trending"]
RANKING: Order = "weighted_rating"
"""The job's own order, of its ranks; the only one in which pins hold."""
ORDERS: dict[Order, tuple[str, ...]] = {
    "weighted_rating": ("weighted_rating", "rating_count"),
    "avg_rating": ("avg_rating", "rating_count"),
    "rating_count": ("rating_count", "weighted_rating"),
    "year": ("year", "weighted_rating", "rating_count"),
    "lower_bound": ("lower_bound", "rating_count"),
    "trending": ("trend", "rating_count"),
}
"""The columns that each compares, the greatest first. What ties goes by the lower movie id."""
LATER: dict[Order, str] = {"lower_bound": "lower bounds", "trending": "trends"}
"""Orders that a run may lack, by what it has not got: ratings may come without times, for one."""
