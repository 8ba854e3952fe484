"""One movie: all that is known about it, how its score came about, and its standings."""
