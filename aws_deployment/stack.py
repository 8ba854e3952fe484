"""The CloudFormation stack: everything that stays between two runs of the job."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from aws_deployment.account import Account, DeployError
from aws_deployment.waiting import say, say_when, until

TEMPLATE = Path(__file__).with_name("template.yaml")
EXISTING_ROLES = {
    "ExistingSiteProfile": "LabInstanceProfile",
    "ExistingEmrServiceRole": "EMR_DefaultRole",
    "ExistingEmrProfile": "EMR_EC2_DefaultRole",
}
"""Template parameter -> what a Learner Lab has, where no role can be created."""
LAB_ROLE_OF_THE_SITE = "LabRole"
STARTED_ANEW = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
MINUTES = 45
NAME_IS_TAKEN = "a stack named {name} exists and is not ours: choose another name, --stack NAME"


def parameters_of_a_lab(account: Account) -> dict[str, str]:
    """The roles that are there. They may lack the right to read secrets: the secret grants it."""
    roles = (LAB_ROLE_OF_THE_SITE, EXISTING_ROLES["ExistingEmrProfile"])
    readers = [f"arn:aws:iam::{account.identity['Account']}:role/{role}" for role in roles]
    return EXISTING_ROLES | {"SecretReaders": ",".join(readers)}


def describe(account: Account) -> dict[str, Any] | None:
    """The stack as CloudFormation has it; None where there is none of this name."""
    try:
        (stack,) = account.client("cloudformation").describe_stacks(StackName=account.stack)[
            "Stacks"
        ]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return stack if stack["StackStatus"] != "DELETE_COMPLETE" else None


def is_of_somebody_else(account: Account) -> bool:
    stack = describe(account)
    return stack is not None and not account.owns(stack.get("Tags"))


def outputs(account: Account) -> dict[str, str]:
    """The outputs of the finished stack. DeployError where there is none."""
    stack = describe(account)
    if stack is None:
        raise DeployError(
            f"there is no stack {account.stack} in {account.region}: run `bin/deploy up` first"
        )
    if not stack.get("Outputs"):
        raise DeployError(
            f"the stack {account.stack} is {stack['StackStatus']}: run `bin/deploy up` to finish it"
        )
    return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}


def create_or_update(account: Account, parameters: dict[str, str]) -> None:
    """Bring the stack to what the template says, from whatever an earlier attempt left."""
    if is_of_somebody_else(account):
        raise DeployError(NAME_IS_TAKEN.format(name=account.stack))
    stack = _settled(account)
    if stack and stack["StackStatus"] in STARTED_ANEW:
        say(f"an earlier attempt failed ({stack['StackStatus']}): its remains are deleted first")
        delete(account)
        stack = None
    if stack is None:
        _submit(account, "create_stack", parameters)
    else:
        _update(account, stack, parameters)
    _check(account)


def delete(account: Account) -> None:
    """Delete the stack and wait until it is gone. The bucket must be empty by now."""
    if describe(account) is None:
        return
    account.client("cloudformation").delete_stack(StackName=account.stack)
    _follow(account, "deleting the stack")
    if stack := describe(account):
        raise DeployError(
            f"the stack could not be deleted ({stack['StackStatus']}): {_reasons(account)}. "
            "Mend that and run `bin/deploy down` again"
        )


def _settled(account: Account) -> dict[str, Any] | None:
    stack = describe(account)
    if stack and stack["StackStatus"].endswith("_IN_PROGRESS"):
        say(f"the stack is {stack['StackStatus']} already: waiting for the end of that")
        _follow(account, "the stack")
        stack = describe(account)
    return stack


def _update(account: Account, stack: dict[str, Any], parameters: dict[str, str]) -> None:
    """A parameter that was not given keeps its value."""
    kept = {item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", [])}
    kept |= _image(account, stack)
    deployed = account.client("cloudformation").get_template(StackName=account.stack)
    wanted = kept | parameters
    if wanted == kept and deployed["TemplateBody"] == _template():
        say("the stack is as the template says: nothing to change")
    else:
        _submit(account, "update_stack", wanted)


def _image(account: Account, stack: dict[str, Any]) -> dict[str, str]:
    """The machine's present image: with a newer one CloudFormation would replace the machine."""
    values = {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}
    machines = account.client("ec2").describe_instances(InstanceIds=[values["SiteInstance"]])
    return {"SiteImage": machines["Reservations"][0]["Instances"][0]["ImageId"]}


def _template() -> str:
    return TEMPLATE.read_text(encoding="utf-8")


def _submit(account: Account, call: str, parameters: dict[str, str]) -> None:
    getattr(account.client("cloudformation"), call)(
        StackName=account.stack,
        TemplateBody=_template(),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM"],
        Tags=account.tags,
    )
    _follow(account, "the stack")


def _check(account: Account) -> None:
    stack = describe(account) or {"StackStatus": "gone"}
    status = stack["StackStatus"]
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise DeployError(
            f"the stack is {status}: {_reasons(account)}. Mend that and run `bin/deploy up` again"
        )


def _follow(account: Account, what: str) -> None:
    """Print what happens to each resource until the stack has come to rest."""
    show = _event_printer(account)

    def at_rest() -> bool | None:
        show()
        stack = describe(account)
        return True if stack is None or "IN_PROGRESS" not in stack["StackStatus"] else None

    until(at_rest, what=what, minutes=MINUTES)


def _event_printer(account: Account) -> Callable[[], None]:
    seen = {event["EventId"] for event in _events(account)}

    def show() -> None:
        for event in reversed(_events(account)):
            if event["EventId"] not in seen:
                seen.add(event["EventId"])
                say_when(f"{event['ResourceStatus']:<24} {event['LogicalResourceId']}")

    return show


def _events(account: Account) -> list[dict[str, Any]]:
    """The newest first."""
    try:
        return account.client("cloudformation").describe_stack_events(StackName=account.stack)[
            "StackEvents"
        ]
    except ClientError as error:
        if "does not exist" in str(error):
            return []
        raise


def _reasons(account: Account) -> str:
    """Why resources failed, the first cause first; those that were only cancelled left out."""
    failed = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(_events(account))
        if event["ResourceStatus"].endswith("_FAILED")
        and "cancelled" not in event.get("ResourceStatusReason", "")
    ]
    return "; ".join(failed[-3:]) or "CloudFormation names no reason, see its console"
