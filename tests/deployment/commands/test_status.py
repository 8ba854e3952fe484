"""bin/deploy status and cost."""

import json
import re

import boto3
import pytest

from aws_deployment import costs
from tests.deployment.conftest import backend
from tests.support import aws


def test_status_of_nothing(run_deploy):
    assert run_deploy("status").out == "there is nothing of recsys in us-east-1\n"


def test_status_lists_what_costs_money(run_deploy, is_up):
    out = run_deploy("status").out
    for kind in ("stack", "EC2 instance", "IPv4 address", "database", "bucket", "secret", "VPC"):
        assert re.search(rf"^{kind} ", out, re.MULTILINE), kind
    assert f"http://{is_up['SiteAddress']}/" in out


def test_a_week_costs_less_than_ten_dollars_and_the_table_adds_up(run_deploy):
    out = run_deploy("cost").out
    lines, weeks = (
        re.findall(r"^  (.+?)  .*\$ *([\d.]+)$", part, re.M) for part in out.split("\n\n")
    )
    week = {name: float(dollars) for name, dollars in weeks}
    assert sum(float(dollars) for _, dollars in lines) == pytest.approx(
        week["a week without a run"], abs=0.02
    )
    assert max(dollars for name, dollars in week.items() if "month" not in name) < 10
    assert week["paused"] < week["a week without a run"] < week["a night a run, 1 node"]
    assert week["the same, --spot"] < week["a night a run, 2 nodes"]
    assert costs.PRICES["date"] in out


def test_status_shows_the_alarms_and_that_nobody_hears_them_yet(run_deploy, site_machine):
    done = run_deploy("up", "--yes", "--notify", "me@example.org")
    assert "me@example.org gets a mail with a link to confirm" in done.out
    assert "--stack recsys" in site_machine.script
    cloudwatch = boto3.client("cloudwatch")
    (alarm,) = [one for one in cloudwatch.describe_alarms()["MetricAlarms"]
                if one["MetricName"] == "RunIsFresh"]  # fmt: skip
    cloudwatch.set_alarm_state(
        AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason="a test"
    )
    backend("sns").subscriptions.clear()
    out = run_deploy("status").out
    assert re.search("^RunAlarm +ALARM - The run that the site serves is old", out, re.M)
    assert re.search("^mail +NOT CONFIRMED", out, re.M)


def test_cost_shows_what_was_billed(run_deploy, cloud):
    day = {"Groups": [{"Keys": ["Amazon RDS"], "Metrics": {"UnblendedCost": {"Amount": "0.4"}}}]}
    answer = {"results": [{"ResultsByTime": [day, day], "DimensionValueAttributes": []}]}
    aws.post(cloud, "static/ce/cost-and-usage-results", json.dumps(answer))
    out = run_deploy("cost", "--actual").out
    assert re.search(r"Amazon RDS +\$ +0\.80", out)


def test_without_billed_figures_it_says_how_to_get_them(run_deploy):
    assert "activate the tag movie-recommendations" in run_deploy("cost", "--actual").out
