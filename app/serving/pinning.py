"""The version that a page of a list belongs to.

`next` names the version that its list came from. It is served for as long as any process knows
it; after that the run alone is held to, and the answer says so.
"""

from app.serving.kept_decisions import DecisionHistory
from app.serving.version import CatalogueVersion

CHANGED = (
    "The version of the catalogue that this page was to be of is gone: its run is the same, but "
    "what curators decided, or titles and genres, may differ from the pages before."
)


def pinned_version(
    current: CatalogueVersion, history: DecisionHistory, *, run_id: int | None, token: str | None
) -> CatalogueVersion:
    """The version of a run, by choice the one that the token names, as far as that is known.

    Raises RunNotKept, NotLoaded, or what the database raises.
    """
    if token is None:
        return current.of_run(run_id)
    catalogue, _, decisions_digest = token.partition("-")
    decisions = history.find(decisions_digest)
    version = current.of_run(run_id, catalogue=catalogue)
    return version if decisions is None else version.deciding(decisions)


def change_notice(version: CatalogueVersion, token: str | None) -> str | None:
    """What the reader of a list should know, where it is not the version that was asked for."""
    return None if token in (None, version.token) else CHANGED
