"""The hyper-parameters of the models, and `--model NAME=VALUE`. Standard library only.

The defaults worked unchanged across MovieLens data sets; a penalty that is not given is
derived from the data.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True)
class ItemModelConfig:
    """Hyper-parameters of the model for known users."""

    rating_weight: float = 0.3
    """s: how much a star above the expected rating adds to the input."""
    bias_shrinkage: float = 10.0
    """Ratings at which a deviation from the mean counts half."""
    user_exponent: float = -0.75
    """e: below 0, users with many ratings do not drown out the others."""
    genre_weight: float = 200.0
    """g, in users."""
    l2: float | None = None
    """Ridge penalty; None: 90 sqrt(mean ratings per movie)."""
    dropout: float = 2.0
    """p / (1 - p) of EDLAE's dropout probability p."""
    damping: float = 0.2
    """t: above 0, popular movies are recommended less."""
    min_support: int = 5
    """Ratings that a movie needs to be in the models."""
    max_items: int | None = None
    """Most movies in the models, those with the most ratings."""


@dataclass(frozen=True)
class VisitorModelConfig:
    """Hyper-parameters of the model for visitors. Other fields as in `ItemModelConfig`."""

    liked_from: float = 4.0
    """Stars from which a rating is a like."""
    user_exponent: float = -0.5
    l2: float | None = None
    """Ridge penalty; None: 90 sqrt(mean likes per movie)."""
    dropout: float = 32.0


@dataclass(frozen=True)
class SimilarConfig:
    """Hyper-parameters of the similar movies."""

    shrinkage: float = 10.0
    """Draws pairs with little support towards 0."""


@dataclass(frozen=True)
class ModelConfig:
    """Hyper-parameters of all models of a run."""

    items: ItemModelConfig = field(default_factory=ItemModelConfig)
    visitors: VisitorModelConfig = field(default_factory=VisitorModelConfig)
    similar: SimilarConfig = field(default_factory=SimilarConfig)


Setting = tuple[str, float]
LIMITS = {
    "user_exponent": (-2.0, 2.0),
    "damping": (-2.0, 2.0),
    "rating_weight": (0.0, 1.0),
    "liked_from": (0.5, 5.0),
}
"""Name -> minimum and maximum; the others are at least 0."""
PENALTIES = ("items.l2", "visitors.l2")
OPTIONS_OF_THEIR_OWN = ("min_support", "max_items")


def names() -> tuple[str, ...]:
    """The names that `--model` can set."""
    return tuple(
        f"{model.name}.{part}"
        for model in fields(ModelConfig)
        for part in asdict(getattr(ModelConfig(), model.name))
        if part not in OPTIONS_OF_THEIR_OWN
    )


def parse_setting(text: str) -> Setting:
    """Parse NAME=VALUE. Raises ValueError, which lists the valid names."""
    name, _, number = text.partition("=")
    if name not in names():
        raise ValueError(f"{name!r} is not one of {', '.join(names())}")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    least, most = LIMITS.get(name.partition(".")[2], (0.0, math.inf))
    if not least <= value <= most or math.isinf(value) or (name in PENALTIES and not value):
        limits = f"from {least:g} to {most:g}" if most < math.inf else f"of at least {least:g}"
        above = ", and not 0" if name in PENALTIES else ""
        raise ValueError(f"{name} takes a number {limits}{above}, not {number!r}")
    return name, value


def model_config(
    settings: Iterable[Setting], *, min_support: int, max_items: int | None
) -> ModelConfig:
    """The defaults with the given settings; of a name given twice the last counts."""
    items = ItemModelConfig(min_support=min_support, max_items=max_items)
    config = ModelConfig(items=items)
    for name, value in settings:
        model, _, part = name.partition(".")
        changed: Mapping[str, Any] = {part: value}
        config = replace(config, **{model: replace(getattr(config, model), **changed)})
    return config
