"""Nightly runs: EventBridge Scheduler starts the same cluster that `run` starts.

The group and the role belong to the stack; `bin/deploy schedule` puts at most one schedule into the
group, and it is deleted with the group. It calls RunJobFlow itself: nothing of ours has to be
running.
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from aws_deployment.account import Account
from aws_deployment.emr.artifacts import PREFIX, addresses
from aws_deployment.errors import DeployError
from aws_deployment.upload import is_there

NAME = "nightly"
TARGET = "arn:aws:scheduler:::aws-sdk:emr:runJobFlow"
NOT_IN_A_LAB = (
    "a Learner Lab does not allow the role that a schedule needs, and ends with its session: "
    "use `bin/deploy run` there"
)
RUN_FIRST = "a nightly run uses what the last run uploaded: `bin/deploy run` first"


@dataclass(frozen=True)
class Schedule:
    """A time of day, `03:00`, in a time zone."""

    at: str
    timezone: str
    is_paused: bool = False

    def __str__(self) -> str:
        return f"every day at {self.at} {self.timezone}{', paused' if self.is_paused else ''}"

    @property
    def expression(self) -> str:
        hour, minute = self.at.split(":")
        return f"cron({int(minute)} {int(hour)} * * ? *)"


def put(
    account: Account, outputs: dict[str, str], schedule: Schedule, asked: dict[str, Any]
) -> None:
    """Start the requested cluster every night, in place of any previous schedule.

    A failed attempt is not repeated: it may have started a cluster.
    """
    _require_artifacts(account, outputs["Bucket"])
    scheduler = account.client("scheduler")
    call = scheduler.update_schedule if find(account, outputs) else scheduler.create_schedule
    call(
        Name=NAME,
        GroupName=outputs["ScheduleGroup"],
        ScheduleExpression=schedule.expression,
        ScheduleExpressionTimezone=schedule.timezone,
        FlexibleTimeWindow={"Mode": "OFF"},
        State="DISABLED" if schedule.is_paused else "ENABLED",
        Target={
            "Arn": TARGET,
            "RoleArn": outputs["ScheduleRole"],
            "Input": json.dumps(asked),
            "RetryPolicy": {"MaximumRetryAttempts": 0},
        },
    )


def _require_artifacts(account: Account, bucket: str) -> None:
    client = account.client("s3")
    for address in vars(addresses(bucket)).values():
        if not is_there(client, bucket, f"{PREFIX}/{address.rpartition('/')[2]}"):
            raise DeployError(RUN_FIRST)


def find(account: Account, outputs: dict[str, str]) -> Schedule | None:
    found = _get(account, outputs)
    return _schedule(found) if found else None


def _schedule(found: dict[str, Any]) -> Schedule:
    fields = re.findall(r"\d+", found["ScheduleExpression"])
    at = f"{int(fields[1]):02}:{int(fields[0]):02}"
    return Schedule(at, found["ScheduleExpressionTimezone"], found["State"] == "DISABLED")


def pause(account: Account, outputs: dict[str, str], *, paused: bool) -> None:
    """Disable or enable the schedule, if there is one."""
    if found := _get(account, outputs):
        changed = replace(_schedule(found), is_paused=paused)
        put(account, outputs, changed, json.loads(found["Target"]["Input"]))


def renew_password(account: Account, outputs: dict[str, str], reference: str) -> bool:
    """Let the schedule read the password there. Return whether it read it elsewhere before."""
    found = _get(account, outputs)
    if not found:
        return False
    asked = json.loads(found["Target"]["Input"])
    arguments = asked["Steps"][0]["HadoopJarStep"]["Args"]
    place = arguments.index("--db-secret") + 1
    if arguments[place] == reference:
        return False
    arguments[place] = reference
    put(account, outputs, _schedule(found), asked)
    return True


def remove(account: Account, outputs: dict[str, str]) -> bool:
    """Delete the schedule. Return whether there was one."""
    if not find(account, outputs):
        return False
    account.client("scheduler").delete_schedule(Name=NAME, GroupName=outputs["ScheduleGroup"])
    return True


def _get(account: Account, outputs: dict[str, str]) -> dict[str, Any] | None:
    if "ScheduleGroup" not in outputs:
        return None
    scheduler = account.client("scheduler")
    try:
        found: dict[str, Any] = scheduler.get_schedule(
            Name=NAME, GroupName=outputs["ScheduleGroup"]
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    return found
