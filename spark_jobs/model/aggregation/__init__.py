"""The one pass over the ratings. Behind it nobody but the models sees a rating, only counts."""
