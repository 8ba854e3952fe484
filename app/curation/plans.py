"""What is to become of decisions, as values: `services` makes plans and applies them."""

from dataclasses import dataclass, field, replace

from app.curation.history import decided_values, digest, version
from app.models import Curation


@dataclass(frozen=True)
class Change:
    """A movie's decision as it is and as it would be; None is no decision."""

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
        """Changes with what would be changed, and when somebody else changes it meanwhile."""
        changes = [
            (one.movie_id, version(one.before), decided_values(one.after)) for one in self.changes
        ]
        return digest([changes, list(self.left.items())])

    def without(self, reasons: dict[int, str]) -> "Plan":
        """The plan without some movies, and why."""
        kept = [one for one in self.changes if one.movie_id not in reasons]
        return replace(self, changes=kept, left=self.left | reasons)
