"""What a run's models say about movies: which are similar, what follows from liking one.

A user's list is not here: it is read by its key when it is requested.
"""

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field

from app.catalogue.packing import SIMILAR_MOVIES, VISITOR_WEIGHTS, PackedRows, unpack


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of other movies, in ascending order of ids; a weight is its step times the scale."""

    targets: "array[int]"
    steps: "array[int]"
    scale: float

    def add_to(self, scores: dict[int, float]) -> None:
        for movie_id, step in zip(self.targets, self.steps, strict=True):
            scores[movie_id] = scores.get(movie_id, 0.0) + self.scale * step

    def of(self, movie_id: int) -> float:
        """A movie's weight, 0 if it has none."""
        at = bisect_left(self.targets, movie_id)
        found = at < len(self.targets) and self.targets[at] == movie_id
        return self.scale * self.steps[at] if found else 0.0


@dataclass(frozen=True, slots=True)
class FittedModels:
    """The packed rows of all movies in the models; empty if a run has no models."""

    similar: PackedRows = field(default_factory=PackedRows)
    visitor_weights: PackedRows = field(default_factory=PackedRows)
    scales: "array[float]" = field(default_factory=lambda: array("d"))
    """Of the entries of `visitor_weights`."""

    def similar_to(self, row: int) -> list[tuple[int, float, int]]:
        """(movie id, lift, users who rated both), the most similar first."""
        return list(zip(*unpack(self.similar.get(row), SIMILAR_MOVIES), strict=True))

    def has_weights_from(self, row: int) -> bool:
        """Whether anything follows from liking a movie."""
        return self.visitor_weights.find(row) is not None

    def weights_from(self, row: int, times: float = 1.0) -> Weights | None:
        """What follows from liking a movie; `times` is how many likes it counts for."""
        entry = self.visitor_weights.find(row)
        if entry is None:
            return None
        targets, steps = unpack(self.visitor_weights[entry], VISITOR_WEIGHTS)
        return Weights(targets, steps, times * self.scales[entry])
