"""What templates may call: titles, covers and genres of movies, and the links of a page."""
