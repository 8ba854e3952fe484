"""What `up` would change, according to CloudFormation: a change set, read and deleted."""

from typing import Any

from botocore.exceptions import ClientError

from aws_deployment.account import Account
from aws_deployment.errors import DeployError
from aws_deployment.resources import stack
from aws_deployment.waiting import say, until

NAME = "preview"
NOTHING = ("didn't contain changes", "No updates are to be performed")


def show(account: Account, parameters: dict[str, str], *, is_new: bool) -> None:
    """Show what would be added, changed, replaced and removed, without doing it."""
    cloudformation = account.client("cloudformation")
    cloudformation.create_change_set(
        **stack.request(account, parameters),
        ChangeSetName=NAME,
        ChangeSetType="CREATE" if is_new else "UPDATE",
    )
    try:
        found = until(lambda: _finished(account), what="the change set", minutes=5, every=3)
        _say(found)
    finally:
        cloudformation.delete_change_set(StackName=account.stack, ChangeSetName=NAME)
        if is_new:  # a change set leaves an empty stack behind
            cloudformation.delete_stack(StackName=account.stack)


def _finished(account: Account) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = account.client("cloudformation").describe_change_set(
            StackName=account.stack, ChangeSetName=NAME
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ChangeSetNotFound":
            return None
        raise
    return None if found["Status"].endswith(("_PENDING", "_IN_PROGRESS")) else found


def _say(found: dict[str, Any]) -> None:
    reason = found.get("StatusReason", "")
    if found["Status"] == "FAILED" and not any(text in reason for text in NOTHING):
        raise DeployError(f"CloudFormation refuses this: {reason}")
    changes = [change["ResourceChange"] for change in found.get("Changes", [])]
    for change in changes:
        replaced = " (REPLACED BY A NEW ONE)" if change.get("Replacement") == "True" else ""
        say(
            f"{change['Action']:<8} {change['LogicalResourceId']:<28} {change['ResourceType']}"
            f"{replaced}"
        )
    say(f"{len(changes)} changes to the stack; nothing was done" if changes else stack.NO_CHANGE)
