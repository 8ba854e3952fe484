"""The geometry of the pages' drawings, in SVG units: a module each, pure functions of figures.

What a drawing looks like is its template's (`app/_<chart>.html`) and the style sheet's. No
drawing stands without its figures as a table.
"""

from app.pages.charts.half_stars import Bar, histogram

__all__ = ["Bar", "histogram"]
