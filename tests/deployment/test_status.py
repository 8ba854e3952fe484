"""bin/deploy status and cost."""

import json
import re

import pytest

from aws_deployment import costs
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
    *lines, total = (float(figure) for figure in re.findall(r"\$ *([\d.]+)$", out, re.MULTILINE))
    assert sum(lines) == pytest.approx(total, abs=0.02)
    assert total < 10
    assert costs.PRICES["date"] in out


def test_cost_shows_what_was_billed(run_deploy, cloud):
    day = {"Groups": [{"Keys": ["Amazon RDS"], "Metrics": {"UnblendedCost": {"Amount": "0.4"}}}]}
    answer = {"results": [{"ResultsByTime": [day, day], "DimensionValueAttributes": []}]}
    aws.post(cloud, "static/ce/cost-and-usage-results", json.dumps(answer))
    out = run_deploy("cost", "--actual").out
    assert re.search(r"Amazon RDS +\$ +0\.80", out)


def test_without_billed_figures_it_says_how_to_get_them(run_deploy):
    assert "activate the tag movie-recommendations" in run_deploy("cost", "--actual").out
