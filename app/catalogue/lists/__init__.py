"""Lists of movies: the ranking and related lists, and what changed between two runs."""
