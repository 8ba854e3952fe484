"""What motifs are made of."""

from collections.abc import Callable
from random import Random

Motif = Callable[[Random, int, str, str], str]
"""Takes a Random, a height and two colours, and is 200 wide."""


def circle(x: float, y: float, radius: float, fill: str) -> str:
    """A disc."""
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="{fill}"/>'


def path(steps: str, fill: str) -> str:
    """A filled path."""
    return f'<path d="{steps}" fill="{fill}"/>'


def line(steps: str, stroke: str, width: int) -> str:
    """A stroked path."""
    return f'<path d="{steps}" fill="none" stroke="{stroke}" stroke-width="{width}"/>'
