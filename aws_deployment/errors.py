"""The one kind of error that the deployment explains."""


class DeployError(Exception):
    """Something the operator can fix. The message says what and how."""
