"""The geometry of the pages' drawings, in SVG units: a module each, pure functions of figures.

The template (`app/_<chart>.html`) and the style sheet determine what a drawing looks like. Every
drawing comes with its figures as a table.
"""

from app.pages.charts.half_stars import Bar, histogram

__all__ = ["Bar", "histogram"]
