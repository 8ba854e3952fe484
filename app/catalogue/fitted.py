"""What a run's models say of movies: which are similar, what follows from liking one.

A user's list is not here: it is read by its key when somebody asks for it.
"""

from array import array
from dataclasses import dataclass, field

from app.catalogue.packing import SIMILAR_MOVIES, VISITOR_WEIGHTS, PackedRows, unpack


@dataclass(frozen=True, slots=True)
class Weights:
    """Of other movies, by ascending ids; a weight is its step times the scale."""

    targets: "array[int]"
    steps: "array[int]"
    scale: float


@dataclass(frozen=True, slots=True)
class FittedModels:
    """The packed rows of all movies that the models have; empty where a run has no models."""

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

    def weights_from(self, row: int) -> Weights | None:
        """What follows from liking a movie."""
        entry = self.visitor_weights.find(row)
        if entry is None:
            return None
        targets, steps = unpack(self.visitor_weights[entry], VISITOR_WEIGHTS)
        return Weights(targets, steps, self.scales[entry])
