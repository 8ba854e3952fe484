"""What a week costs: estimated from the price table beside this file, or as AWS billed it."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from aws_deployment.account import TAG, Account, explain
from aws_deployment.emr import cluster

PRICES = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))
HOURS = 24 * 7
MONTHS = 7 * 12 / 365
"""A week, in hours and in months."""
RUNS, RUN_HOURS = 7, 1 / 3
NODE_DISK_GB = 47
"""EMR's default for m4.large: 15 GB of root and 32 GB of data."""


@dataclass(frozen=True)
class Line:
    """One position: what it is, how it is reckoned, US dollars a week."""

    what: str
    how: str
    dollars: float


def estimate() -> list[Line]:
    """A week with the site up around the clock and one run of 20 minutes a day."""
    hour, month = PRICES["hour"], PRICES["month"]
    return [
        Line("RDS db.t4g.micro", f"${hour['db.t4g.micro']} × 168 h", hour["db.t4g.micro"] * HOURS),
        Line("RDS storage", "20 GB gp2", 20 * month["database storage, GB"] * MONTHS),
        Line("EC2 t3.micro", f"${hour['t3.micro']} × 168 h", hour["t3.micro"] * HOURS),
        Line("EC2 disk", "10 GB gp3", 10 * month["disk, GB"] * MONTHS),
        Line(
            "Public IPv4 address",
            f"${hour['public IPv4 address']} × 168 h",
            hour["public IPv4 address"] * HOURS,
        ),
        Line("Secrets Manager", "1 secret", month["secret"] * MONTHS),
        Line("S3", "2 GB", 2 * month["bucket, GB"] * MONTHS),
        _emr(),
    ]


def _emr() -> Line:
    nodes = 1 + cluster.WORKERS
    kind = cluster.INSTANCE_TYPE
    address = PRICES["hour"]["public IPv4 address"]
    disk = NODE_DISK_GB * PRICES["month"]["disk, GB"] * MONTHS / HOURS
    node_hour = PRICES["hour"][kind] + PRICES["EMR hour"][kind] + address + disk
    how = f"{RUNS} runs × 20 min × {nodes} {kind}"
    return Line("EMR", how, node_hour * nodes * RUN_HOURS * RUNS)


def table(lines: list[Line]) -> list[str]:
    """Rows for a terminal, the sum last, and the date of the prices."""
    total = Line("a week", "", sum(line.dollars for line in lines))
    rows = [f"  {line.what:<22} {line.how:<32} ${line.dollars:6.2f}" for line in [*lines, total]]
    when = f"  Prices of {PRICES['region']} on {PRICES['date']}, before tax and free tier."
    return [*rows, when]


def actual(account: Account) -> list[str]:
    """What AWS billed in the last seven days. Asking costs $0.01."""
    today = date.today()
    try:
        answer = account.client("ce").get_cost_and_usage(
            TimePeriod={"Start": str(today - timedelta(days=7)), "End": str(today)},
            Granularity="DAILY",
            Metrics=["UnblendedCost"],
            GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}],
            Filter={"Tags": {"Key": TAG, "Values": [account.stack]}},
        )
    except ClientError as error:
        return [f"  not to be had: {explain(error)}"]
    return _billed(answer) or [
        f"  nothing yet: activate the tag {TAG} under Billing, Cost allocation tags; figures "
        "begin a day later"
    ]


def _billed(answer: dict[str, Any]) -> list[str]:
    sums: dict[str, float] = {}
    for day in answer["ResultsByTime"]:
        for group in day.get("Groups", []):
            amount = float(group["Metrics"]["UnblendedCost"]["Amount"])
            sums[group["Keys"][0]] = sums.get(group["Keys"][0], 0) + amount
    if not sums:
        return []
    sums["the last 7 days"] = sum(sums.values())
    return [f"  {name:<55} ${amount:6.2f}" for name, amount in sums.items()]
