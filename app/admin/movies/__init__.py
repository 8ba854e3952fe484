"""The list of movies, from the catalogue in memory, and the actions on them."""
