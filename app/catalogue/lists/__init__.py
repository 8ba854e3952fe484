"""Lists of movies: the ranking and its neighbours, and what changed between two runs."""
