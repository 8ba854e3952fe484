"""Text in drawings."""

WIDTH_OF_A_CHARACTER = 9
"""The maximum, of a bold digit at the charts' size of 13 units."""


def share(part: int, whole: int) -> str:
    """A whole percentage that is 0 only if the part is."""
    percent = 100 * part / whole
    return "<1%" if 0 < percent < 0.5 else f"{percent:.0f}%"


def width(text: str) -> int:
    """The maximum width of a text in a drawing."""
    return len(text) * WIDTH_OF_A_CHARACTER


def kept_inside(x: float, text: str, end: float) -> float:
    """The middle of a text that should be at x, but within the drawing."""
    half = width(text) / 2
    return round(min(max(x, half), end - half), 1)
