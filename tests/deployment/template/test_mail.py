"""Who is told of what: the budget and the alarms of the CloudFormation template."""

import json

import boto3
import botocore.session
import pytest
from botocore.validate import validate_parameters

from aws_deployment import costs
from aws_deployment.account import TAG, Account
from aws_deployment.emr import request
from aws_deployment.machine import report
from tests.deployment.template.stack import STACK

# moto says so for each resource that it leaves out.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


def test_a_lab_has_alarms_but_no_budget_and_no_recovery(create, client, learner_lab):
    create(NotifyEmail="me@example.org", **learner_lab)
    metrics = {one["MetricName"] for one in client("cloudwatch").describe_alarms()["MetricAlarms"]}
    assert metrics == {"FreeStorageSpace", "SiteIsWell", "RunIsFresh"}


def test_one_topic_tells_of_machine_database_site_and_run(create, client, template):
    topic = create(NotifyEmail="me@example.org")["NotifyTopic"]
    (mail,) = client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert (mail["Protocol"], mail["Endpoint"]) == ("email", "me@example.org")
    alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {alarm["MetricName"]: alarm["AlarmActions"] for alarm in alarms} == {
        "StatusCheckFailed_System": ["arn:aws:automate:us-east-1:ec2:recover", topic],
        "FreeStorageSpace": [topic],
        "SiteIsWell": [topic],
        "RunIsFresh": [topic],
    }
    own = [alarm["Dimensions"] for alarm in alarms if alarm["Namespace"] == report.NAMESPACE]
    assert own == [[{"Name": "Stack", "Value": STACK}]] * 2


def test_a_run_that_fails_is_told_by_the_names_that_it_bears(create, client):
    create(NotifyEmail="me@example.org")
    (rule,) = client("events").list_rules()["Rules"]
    pattern = json.loads(rule["EventPattern"])
    account = Account(boto3.Session(region_name="us-east-1"), STACK)
    step = request.job_step(account, [], kept=False)
    assert pattern["detail"]["name"] == [step["Name"], f"{STACK}-job"]
    assert "FAILED" in pattern["detail"]["state"]


def test_without_an_address_there_is_no_alarm(create, client):
    assert "NotifyTopic" not in create()
    assert client("cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_a_budget_tells_of_each_quarter_and_of_a_month_that_gets_dear(template, resources):
    assert template["Parameters"]["BudgetUsd"]["Default"] == 20
    assert sum(line.dollars for line in costs.stays()) / costs.MONTHS > 20  # a stack forgotten
    assert [
        (item["Notification"]["NotificationType"], item["Notification"]["Threshold"])
        for item in resources("Budget")["NotificationsWithSubscribers"]
    ] == [("ACTUAL", 25), ("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)]


def test_an_unusual_cost_is_told_where_somebody_asks_for_it(template, resources):
    assert template["Parameters"]["AnomalyUsd"]["Default"] == 0
    kinds = ("AnomalyMonitor", "AnomalySubscription")
    assert {template["Resources"][kind]["Condition"] for kind in kinds} == {"HasAnomaly"}
    watched = resources("AnomalyMonitor")["MonitorSpecification"]["Fn::Sub"]
    (tag,) = json.loads(watched).values()
    assert tag == {"Key": TAG, "Values": ["${AWS::StackName}"]}
    subscription = resources("AnomalySubscription")
    assert subscription["MonitorArnList"] == [{"Ref": "AnomalyMonitor"}]
    wanted = {
        "MonitorName": "x", "MonitorType": "CUSTOM",
        "MonitorSpecification": json.loads(watched),
    }  # fmt: skip
    threshold = json.loads(subscription["ThresholdExpression"]["Fn::Sub"])
    asked = {
        "SubscriptionName": "x", "MonitorArnList": ["arn:aws:ce::1:anomalymonitor/x"],
        "Frequency": subscription["Frequency"], "ThresholdExpression": threshold,
        "Subscribers": [{"Type": subscription["Subscribers"][0]["Type"], "Address": "a@b.org"}],
    }  # fmt: skip
    service = botocore.session.get_session().get_service_model("ce")
    for kind, given in {"AnomalyMonitor": wanted, "AnomalySubscription": asked}.items():
        shape = service.operation_model(f"Create{kind}").input_shape
        validate_parameters({kind: given}, shape)
        for name in {"MonitorType", "Frequency"} & given.keys():
            assert given[name] in shape.members[kind].members[name].enum
