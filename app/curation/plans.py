"""Planned changes to decisions, as values: `services` makes plans and applies them."""

from dataclasses import dataclass, field, replace

from app.curation.history import decided_values, digest, version
from app.models import Curation


@dataclass(frozen=True)
class Change:
    """The decision about a movie as it is and as it would be; None where there is none."""

    movie_id: int
    before: Curation | None
    after: Curation | None

    @property
    def pin(self) -> int | None:
        """The position that the movie would hold."""
        return self.after.pinned_position if self.after else None


@dataclass(frozen=True)
class Plan:
    """Changes that would be made together, and why some movies would be left as they are."""

    way: str
    changes: list[Change]
    left: dict[int, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """A digest that differs once the plan or the decisions that it would change differ."""
        changes = [
            (one.movie_id, version(one.before), decided_values(one.after)) for one in self.changes
        ]
        return digest([changes, list(self.left.items())])

    def without(self, reasons: dict[int, str]) -> "Plan":
        """The plan with some movies left as they are, for these reasons."""
        kept = [one for one in self.changes if one.movie_id not in reasons]
        return replace(self, changes=kept, left=self.left | reasons)
