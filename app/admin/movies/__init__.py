"""The list of movies, found in the catalogue in memory, and what can be done from there."""
