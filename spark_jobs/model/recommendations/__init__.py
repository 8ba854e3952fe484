"""The models: similar movies, recommendations from a few movies, and each user's list."""
