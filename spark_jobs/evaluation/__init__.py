"""Measure the recommendations of a run on its own data. Judging them is up to `gate`."""
