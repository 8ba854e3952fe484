"""Facts about a run's models, as `app_run.fitted_models` stores them."""

from typing import TypedDict


class ModelFacts(TypedDict):
    """The settings and number of movies that each model was fitted with.

    `packing` is the version of the packed columns, `users` the number of users with lists. Without
    lists there is no `items`: only they use that model.
    """

    packing: int
    items: dict[str, object] | None
    visitors: dict[str, object]
    similar: dict[str, object]
    users: int
