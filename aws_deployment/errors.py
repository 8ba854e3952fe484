"""The one kind of error that the deployment explains."""


class DeployError(Exception):
    """Something the person at the keyboard can fix. The message says what and how."""
