"""CPU credits of the site's machine: unlimited during a set-up, otherwise standard.

A T3 starts without credits, so in standard mode it has 10 % of each of its two processors, 12
seconds of CPU time a minute: enough for a site, but slow for a set-up, which needs some 34 seconds
of it, not counting the boot. In unlimited mode it borrows from the next hours. What it borrowed is
paid when it is set back: 34 seconds are $0.0005. The template says standard, so the stack matches
it before and after.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from aws_deployment.account import Account, explain
from aws_deployment.waiting import say

SLOWER = "CPU credits stay as they are ({}): a first set-up takes 5 to 15 minutes then"
STILL_ON = "CPU credits could not be set back to standard ({}): run `bin/deploy up` again"
LEFT_ON = (
    "CPU credits        unlimited, from an interrupted set-up: a machine that is busy all the "
    "time would\n                   cost up to $0.09 an hour more; `bin/deploy up` sets them back"
)


@contextmanager
def unlimited(account: Account, instance: str) -> Iterator[None]:
    """Unlimited within the block; if the account does not allow it, things take longer."""
    refusal = _set(account, instance, "unlimited")
    if refusal:
        say(SLOWER.format(refusal))
    try:
        yield
    finally:
        if not refusal and (refusal := _set(account, instance, "standard")):
            say(STILL_ON.format(refusal))


def is_unlimited(account: Account, instance: str) -> bool:
    """Whether it was never set back; False if it cannot be determined."""
    try:
        found = account.client("ec2").describe_instance_credit_specifications(
            InstanceIds=[instance]
        )["InstanceCreditSpecifications"]
    except (ClientError, BotoCoreError):
        return False
    return any(one.get("CpuCredits") == "unlimited" for one in found)


def _set(account: Account, instance: str, mode: str) -> str:
    """Set the mode. Return why it was refused, or an empty string."""
    wanted = {"InstanceId": instance, "CpuCredits": mode}
    try:
        answer = account.client("ec2").modify_instance_credit_specification(
            InstanceCreditSpecifications=[wanted]
        )
    except (ClientError, BotoCoreError) as error:
        return explain(error)
    refused = answer.get("UnsuccessfulInstanceCreditSpecifications", [])
    return "; ".join(one["Error"].get("Message", one["Error"]["Code"]) for one in refused)
