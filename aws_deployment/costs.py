"""What a week costs: estimated from the price table next to this file, or as billed by AWS."""

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
SPOT = PRICES["Spot's share"]
"""About this share of the On-Demand price: it varies by zone and hour."""
NODE_DISK_GB = 47
"""EMR's default for m4.large: 15 GB of root and 32 GB of data."""


@dataclass(frozen=True)
class Line:
    """One item: what it is, how it is computed, US dollars a week."""

    what: str
    how: str
    dollars: float


def stays() -> list[Line]:
    """A week with the site up around the clock and no run."""
    hour = PRICES["hour"]
    return [
        Line("RDS db.t4g.micro", f"${hour['db.t4g.micro']} × 168 h", hour["db.t4g.micro"] * HOURS),
        Line("EC2 t3.micro", f"${hour['t3.micro']} × 168 h", hour["t3.micro"] * HOURS),
        *stays_while_paused(),
    ]


def stays_while_paused() -> list[Line]:
    """A week with the database and the machine stopped."""
    hour, month = PRICES["hour"], PRICES["month"]
    address = hour["public IPv4 address"]
    return [
        Line("RDS storage", "20 GB gp2", 20 * month["database storage, GB"] * MONTHS),
        Line("EC2 disk", "10 GB gp3", 10 * month["disk, GB"] * MONTHS),
        Line("Public IPv4 address", f"${address} × 168 h", address * HOURS),
        Line("Secrets Manager", "3 secrets", 3 * month["secret"] * MONTHS),
        Line("S3", "2 GB", 2 * month["bucket, GB"] * MONTHS),
    ]


def weeks() -> list[Line]:
    """The total of a week, for each way of running."""
    idle = sum(line.dollars for line in stays())
    paused = sum(line.dollars for line in stays_while_paused())
    return [
        Line("a week without a run", "", idle),
        Line("a night a run, 1 node", "7 × 20 min m4.large", idle + nights(1)),
        Line("a night a run, 2 nodes", "7 × 20 min × 2 m4.large", idle + nights(2)),
        Line("the same, --spot", f"core node at about {SPOT:.0%}", idle + nights(2, spot=1)),
        Line("paused", "RDS and EC2 stopped, no run", paused),
        Line("a month, forgotten", "without a run", idle / MONTHS),
    ]


def nights(nodes: int, *, spot: int = 0) -> float:
    """The cost of nightly runs for a week, with `spot` of the nodes at the Spot price."""
    kind, hour = cluster.INSTANCE_TYPE, PRICES["hour"]
    disk = NODE_DISK_GB * PRICES["month"]["disk, GB"] * MONTHS / HOURS
    each = PRICES["EMR hour"][kind] + hour["public IPv4 address"] + disk
    machines = hour[kind] * (nodes - spot + spot * SPOT)
    return float((each * nodes + machines) * RUN_HOURS * RUNS)


def table() -> list[str]:
    """Lines for a terminal: what is permanent, the totals of a week, the date of the prices."""
    rows = [_row(line) for line in stays()] + [""] + [_row(line) for line in weeks()]
    when = f"  Prices of {PRICES['region']} on {PRICES['date']}, before tax and free tier."
    return [*rows, when]


def _row(line: Line) -> str:
    return f"  {line.what:<24} {line.how:<32} ${line.dollars:6.2f}"


def actual(account: Account) -> list[str]:
    """What AWS billed in the last seven days. The request costs $0.01."""
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
        return [f"  not available: {explain(error)}"]
    return _billed(answer) or [
        f"  nothing yet: activate the tag {TAG} under Billing, Cost allocation tags; figures "
        "start a day later"
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
