"""Refusals to change a run."""


class RunError(Exception):
    """Why something cannot be done to a run, and what can be done instead."""
