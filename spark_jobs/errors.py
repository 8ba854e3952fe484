"""The one exception that a person may read without a stack trace."""


class JobError(Exception):
    """What went wrong and what to do about it, in one line."""
