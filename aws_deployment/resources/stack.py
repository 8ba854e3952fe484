"""The CloudFormation stack: everything that exists between runs of the job."""

from collections.abc import Callable
from itertools import takewhile
from typing import Any

from botocore.exceptions import ClientError

from aws_deployment import ROOT
from aws_deployment.account import Account
from aws_deployment.errors import DeployError
from aws_deployment.waiting import say, say_when, until

TEMPLATE = ROOT / "aws_deployment" / "template.yaml"
STARTED_ANEW = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS"}
"""States of a failed first creation: there is nothing to keep."""
STUCK = {
    "DELETE_FAILED": "run `bin/deploy down` to finish that, then `up` again",
    "UPDATE_ROLLBACK_FAILED": "in the console: CloudFormation, the stack, Stack actions, "
    "Continue update rollback; then `up` again",
}
MINUTES = 45
NO_CHANGE = "the stack matches the template: nothing to change"
NAME_IS_TAKEN = "a stack named {name} exists and is not ours: choose another name, --stack NAME"


def zones_with(account: Account, instance_types: set[str]) -> list[str]:
    """The region's zones that offer all these types; us-east-1 has an old one that does not."""
    offers = account.client("ec2").describe_instance_type_offerings(
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": sorted(instance_types)}],
    )["InstanceTypeOfferings"]
    zones: dict[str, set[str]] = {}
    for offer in offers:
        zones.setdefault(offer["Location"], set()).add(offer["InstanceType"])
    return sorted(zone for zone, offered in zones.items() if offered == instance_types)


def describe(account: Account) -> dict[str, Any] | None:
    """CloudFormation's description of the stack; None if it does not exist."""
    try:
        (stack,) = account.client("cloudformation").describe_stacks(StackName=account.stack)[
            "Stacks"
        ]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return stack if stack["StackStatus"] != "DELETE_COMPLETE" else None


def ours(account: Account) -> dict[str, Any] | None:
    """Our stack; None if it does not exist. DeployError if it is somebody else's."""
    found = describe(account)
    if found and not account.owns(found.get("Tags")):
        raise DeployError(NAME_IS_TAKEN.format(name=account.stack))
    return found


def outputs_of(stack: dict[str, Any]) -> dict[str, str]:
    return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}


def outputs(account: Account) -> dict[str, str]:
    """The outputs of the finished stack. DeployError if there is none."""
    stack = ours(account)
    if stack is None:
        raise DeployError(
            f"there is no stack {account.stack} in {account.region}: run `bin/deploy up` first"
        )
    if not stack.get("Outputs"):
        raise DeployError(
            f"the stack {account.stack} is {stack['StackStatus']}: run `bin/deploy up` to finish it"
        )
    found = outputs_of(stack)
    if not {"SiteUrl", "JobSecret"} <= found.keys():
        raise DeployError("the stack is from an earlier version: run `bin/deploy up` to update it")
    return found


def create_or_update(
    account: Account, parameters: dict[str, str], *, at_first: Callable[[], dict[str, str]]
) -> None:
    """Bring the stack to the template's state, from whatever an earlier attempt left.

    `at_first` gives the parameters that are chosen once, when the stack is created.
    """
    stack = _settled(account)
    if stack and stack["StackStatus"] in STARTED_ANEW:
        say(f"an earlier attempt failed ({stack['StackStatus']}): deleting its remains first")
        delete(account)
        stack = None
    if stack and stack["StackStatus"] in STUCK:
        raise DeployError(f"the stack is {stack['StackStatus']}: {STUCK[stack['StackStatus']]}")
    if stack is None:
        _submit(account, account.client("cloudformation").create_stack, at_first() | parameters)
    else:
        _update(account, stack, parameters)


def delete(account: Account) -> None:
    """Delete the stack and wait until it is gone. The bucket must be empty."""
    if ours(account) is None:
        return
    show = _event_printer(account)
    account.client("cloudformation").delete_stack(StackName=account.stack)
    _follow(account, "deleting the stack", show)
    if stack := describe(account):
        raise DeployError(
            f"the stack could not be deleted ({stack['StackStatus']}): {_reasons(account)}. "
            "Fix that and run `bin/deploy down` again"
        )


def _settled(account: Account) -> dict[str, Any] | None:
    stack = ours(account)
    if stack and _is_moving(stack):
        say(f"the stack is already {stack['StackStatus']}: waiting until that ends")
        _follow(account, "the stack", _event_printer(account))
        stack = describe(account)
    return stack


def _update(account: Account, stack: dict[str, Any], parameters: dict[str, str]) -> None:
    kept = _parameters(stack)
    wanted = merged(account, stack, parameters)
    deployed = account.client("cloudformation").get_template(StackName=account.stack)
    if wanted == kept | _image(account, stack) and deployed["TemplateBody"] == _template():
        say(NO_CHANGE)
        return
    try:
        _submit(account, account.client("cloudformation").update_stack, wanted)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise
        say(NO_CHANGE)  # e.g. only a comment differed


def merged(account: Account, stack: dict[str, Any], parameters: dict[str, str]) -> dict[str, str]:
    """The parameters of an update: those not given keep their values, if they still exist."""
    summary = account.client("cloudformation").get_template_summary(TemplateBody=_template())
    known = {item["ParameterKey"] for item in summary["Parameters"]}
    kept = {name: value for name, value in _parameters(stack).items() if name in known}
    return kept | _image(account, stack) | parameters


def _parameters(stack: dict[str, Any]) -> dict[str, str]:
    return {item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", [])}


def _image(account: Account, stack: dict[str, Any]) -> dict[str, str]:
    """The machine's current image: with a newer one CloudFormation would replace the machine."""
    instance = outputs_of(stack).get("SiteInstance", "none")
    found = account.client("ec2").describe_instances(
        Filters=[{"Name": "instance-id", "Values": [instance]}]
    )["Reservations"]
    return {"SiteImage": found[0]["Instances"][0]["ImageId"]} if found else {}


def _template() -> str:
    return TEMPLATE.read_text(encoding="utf-8")


def request(account: Account, parameters: dict[str, str]) -> dict[str, Any]:
    """The arguments of CreateStack, UpdateStack and CreateChangeSet."""
    return {
        "StackName": account.stack,
        "TemplateBody": _template(),
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Tags": account.tags,
    }


def _submit(account: Account, call: Callable[..., Any], parameters: dict[str, str]) -> None:
    show = _event_printer(account)
    call(**request(account, parameters))
    _follow(account, "the stack", show)
    _require_complete(account)


def _require_complete(account: Account) -> None:
    stack = describe(account) or {"StackStatus": "gone"}
    status = stack["StackStatus"]
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise DeployError(
            f"the stack is {status}: {_reasons(account)}. Fix that and run `bin/deploy up` again"
        )


def _follow(account: Account, what: str, show: Callable[[], None]) -> None:
    """Print what happens to each resource until the stack is at rest."""

    def at_rest() -> bool | None:
        show()
        stack = describe(account)
        return True if stack is None or not _is_moving(stack) else None

    until(at_rest, what=what, minutes=MINUTES)


def _is_moving(stack: dict[str, Any]) -> bool:
    status: str = stack["StackStatus"]
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def _event_printer(account: Account) -> Callable[[], None]:
    seen = {event["EventId"] for event in _events(account)}

    def show() -> None:
        for event in reversed(_events(account)):
            if event["EventId"] not in seen:
                seen.add(event["EventId"])
                say_when(f"{event.get('ResourceStatus', ''):<24} {event['LogicalResourceId']}")

    return show


def _events(account: Account) -> list[dict[str, Any]]:
    """The stack's events, newest first."""
    pages = account.client("cloudformation").get_paginator("describe_stack_events")
    try:
        found = list(pages.paginate(StackName=account.stack))
    except ClientError as error:
        if "does not exist" in str(error):
            return []
        raise
    return [event for page in found for event in page["StackEvents"]]


def _reasons(account: Account) -> str:
    """Why resources failed this time, the first cause first, without cancelled ones."""
    this_time = takewhile(
        lambda event: event.get("ResourceStatusReason") != "User Initiated", _events(account)
    )
    failed = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(list(this_time))
        if event.get("ResourceStatus", "").endswith("_FAILED")
        and "cancelled" not in event.get("ResourceStatusReason", "")
    ]
    return "; ".join(failed[:3]) or "CloudFormation gives no reason, see its console"
