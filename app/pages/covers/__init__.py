"""A cover for each movie, drawn from its id, title, year and genres: the same every time.

SVG of 200 by 300 with presentation attributes only, so that no policy has anything to block.
"""
