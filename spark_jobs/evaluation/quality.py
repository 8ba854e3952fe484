"""The one figure of an evaluation by which a run is compared with the previous one. No numpy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PERSONAL = "personal"
"""Name of the item model's lists in an evaluation."""


@dataclass(frozen=True)
class Quality:
    """nDCG@10 of the personal lists and its 90 % interval; `kind` says how it was measured."""

    kind: tuple[object, ...]
    ndcg: float
    lower: float
    upper: float


def quality(evaluation: Mapping[str, Any] | None) -> Quality | None:
    """From an evaluation as JSON, of the split that tests more users; None without one."""
    if not evaluation:
        return None
    found = [
        (system["users"], split, system["metrics"]["ndcg"])
        for split, report in evaluation["splits"].items()
        for system in report["systems"]
        if system["name"] == PERSONAL and system["users"]
    ]
    if not found:
        return None
    _, split, ndcg = max(found, key=lambda one: one[:2])
    kind = (evaluation["protocol"], split, evaluation["is_sample"])
    return Quality(kind, ndcg["mean"], ndcg["lower"], ndcg["upper"])
