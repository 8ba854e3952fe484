"""The models: similar movies, what follows from a few movies, and each user's list."""
