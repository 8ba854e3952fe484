"""What is written in drawings."""

WIDTH_OF_A_CHARACTER = 9
"""At the most, of a bold digit at the charts' size of 13 units."""


def share(part: int, whole: int) -> str:
    """A whole percentage that never calls nothing what is something."""
    percent = 100 * part / whole
    return "<1 %" if 0 < percent < 0.5 else f"{percent:.0f} %"


def width(text: str) -> int:
    """Of a text in a drawing, at the most."""
    return len(text) * WIDTH_OF_A_CHARACTER


def kept_inside(x: float, text: str, end: float) -> float:
    """Where the middle of a text goes that is to stand at x, but within the drawing."""
    half = width(text) / 2
    return round(min(max(x, half), end - half), 1)
