"""The ranking: all that follows from the counts of the movies."""
