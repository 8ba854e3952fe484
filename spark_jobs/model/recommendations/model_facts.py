"""What there is to say of a run's models, as `app_run.fitted_models` keeps it."""

from typing import TypedDict


class ModelFacts(TypedDict):
    """The settings that each model was fitted with, of how many movies.

    `packing` is the version of the packed columns, `users` for how many users there are lists. No
    `items` where there are none: the lists alone are made of that model.
    """

    packing: int
    items: dict[str, object] | None
    visitors: dict[str, object]
    similar: dict[str, object]
    users: int
