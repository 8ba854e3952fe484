"""What cannot be done to a run."""


class RunError(Exception):
    """What cannot be done to a run, and what can be done instead."""
