"""CPU credits of the site's machine: unlimited for a set-up, standard for all the rest.

A T3 starts without credits, so in standard mode it has 10 % of each of its two processors, 12
seconds of computing a minute: enough for a site, and slow for a set-up, which takes some 34 where
nothing holds it back, the start of the system not counted. Unlimited, it borrows from the next
hours. What it borrowed is paid when it is set back: 34 seconds are $0.0005. The template says
standard, so the stack is as it says before and after.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from aws_deployment.account import Account, explain
from aws_deployment.waiting import say

SLOWER = "CPU credits stay as they are ({}): a first set-up takes 5 to 15 minutes then"
STILL_ON = "CPU credits could not be set back to standard ({}): run `bin/deploy up` again"
LEFT_ON = (
    "CPU credits        unlimited, of a set-up that was cut off: a machine that is busy all the "
    "time would\n                   cost up to $0.09 an hour more; `bin/deploy up` sets them back"
)


@contextmanager
def unlimited(account: Account, instance: str) -> Iterator[None]:
    """For as long as this lasts; where the account may not have it, things take longer."""
    refusal = _set(account, instance, "unlimited")
    if refusal:
        say(SLOWER.format(refusal))
    try:
        yield
    finally:
        if not refusal and (refusal := _set(account, instance, "standard")):
            say(STILL_ON.format(refusal))


def is_unlimited(account: Account, instance: str) -> bool:
    """Whether nobody set it back; False where nobody may know."""
    try:
        found = account.client("ec2").describe_instance_credit_specifications(
            InstanceIds=[instance]
        )["InstanceCreditSpecifications"]
    except (ClientError, BotoCoreError):
        return False
    return any(one.get("CpuCredits") == "unlimited" for one in found)


def _set(account: Account, instance: str, mode: str) -> str:
    """Why it was refused, or nothing."""
    wanted = {"InstanceId": instance, "CpuCredits": mode}
    try:
        answer = account.client("ec2").modify_instance_credit_specification(
            InstanceCreditSpecifications=[wanted]
        )
    except (ClientError, BotoCoreError) as error:
        return explain(error)
    refused = answer.get("UnsuccessfulInstanceCreditSpecifications", [])
    return "; ".join(one["Error"].get("Message", one["Error"]["Code"]) for one in refused)
