"""One movie: all that is known of it, how its score came about, and where it stands."""
