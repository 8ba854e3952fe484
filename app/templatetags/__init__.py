"""Template tags and filters: titles, covers and genres of movies, and the links of a page."""
