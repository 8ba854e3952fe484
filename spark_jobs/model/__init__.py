"""Counts, the ranking and the models of the accepted ratings. Publishing is up to `store`."""
