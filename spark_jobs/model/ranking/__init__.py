"""The ranking: everything that follows from the movies' counts."""
