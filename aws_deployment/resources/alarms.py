"""The states of the stack's alarms, and whether anybody receives them."""

from collections.abc import Iterator

from aws_deployment.account import Account

STATES = {"OK": "ok", "ALARM": "ALARM", "INSUFFICIENT_DATA": "no figures yet"}


def lines(account: Account, outputs: dict[str, str]) -> Iterator[str]:
    """One line for each alarm; none without an address to notify."""
    if "NotifyTopic" not in outputs:
        return
    names = _names(account)
    found = account.client("cloudwatch").describe_alarms(AlarmNames=sorted(names))["MetricAlarms"]
    for alarm in found:
        state = STATES[alarm["StateValue"]]
        why = f" - {alarm['AlarmDescription']}" if state == "ALARM" else ""
        yield f"{names[alarm['AlarmName']]:<18} {state}{why}"
    if not _is_confirmed(account, outputs["NotifyTopic"]):
        yield "mail               NOT CONFIRMED: open the link in AWS's first mail to get any"


def silence(account: Account, outputs: dict[str, str], *, silent: bool) -> None:
    """Turn mails off or on: a pause is not a reason for one."""
    if "NotifyTopic" in outputs:
        cloudwatch = account.client("cloudwatch")
        call = cloudwatch.disable_alarm_actions if silent else cloudwatch.enable_alarm_actions
        call(AlarmNames=sorted(_names(account)))


def _names(account: Account) -> dict[str, str]:
    """The name of each alarm -> its name in the template."""
    pages = account.client("cloudformation").get_paginator("list_stack_resources").paginate(
        StackName=account.stack
    )  # fmt: skip
    return {
        one["PhysicalResourceId"]: one["LogicalResourceId"]
        for page in pages
        for one in page["StackResourceSummaries"]
        if one["ResourceType"] == "AWS::CloudWatch::Alarm"
    }


def _is_confirmed(account: Account, topic: str) -> bool:
    found = account.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return any(one["SubscriptionArn"].startswith("arn:") for one in found)
