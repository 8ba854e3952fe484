"""What becomes of requests for the catalogue, counted for Prometheus."""

from http import HTTPStatus

from prometheus_client import Counter

OUTCOMES = ("hit", "miss", "not_modified", "stale", "shed")
counter = Counter(
    "recsys_read_cache", "What became of a look into the read cache.", ["outcome"], registry=None
)
_counters = {outcome: counter.labels(outcome) for outcome in OUTCOMES}


def count(outcome: str) -> None:
    """One of OUTCOMES."""
    _counters[outcome].inc()


def count_answer(outcome: str, status: int, *, stale: bool) -> None:
    """`stale`: the database is away."""
    not_modified = status == HTTPStatus.NOT_MODIFIED
    count("stale" if stale else "not_modified" if not_modified else outcome)
