"""The one kind of error that the job explains to its operator. Standard library only."""


class JobError(Exception):
    """Something the operator can fix. The message is one line that says what and how."""
