"""Axes of drawings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tick:
    """A value, and its place on the axis."""

    value: float
    at: float
