"""Following a run on a cluster to its end, and saying why where it failed."""

from typing import Any

from aws_deployment import logs
from aws_deployment.account import Account
from aws_deployment.cluster import UNDER_WAY, Started
from aws_deployment.errors import DeployError
from aws_deployment.waiting import once, until

GONE = ("TERMINATED", "TERMINATED_WITH_ERRORS")
ENDED = ("TERMINATING", *GONE)
MINUTES = 180


def follow(account: Account, started: Started, bucket: str) -> None:
    """Say what happens until the step has ended. DeployError with its reason if it failed."""
    emr, tell = account.client("emr"), once()

    def look() -> tuple[dict[str, Any], dict[str, Any]] | None:
        cluster = emr.describe_cluster(ClusterId=started.cluster)["Cluster"]["Status"]
        step = emr.describe_step(ClusterId=started.cluster, StepId=started.step)["Step"]["Status"]
        tell(f"cluster {cluster['State']}, step {step['State']}")
        over = step["State"] not in UNDER_WAY or cluster["State"] in GONE
        return (cluster, step) if over else None

    cluster, step = until(look, what="the run", minutes=MINUTES)
    if step["State"] != "COMPLETED":
        raise DeployError(_failure(account, started, bucket, cluster, step))


def _failure(
    account: Account,
    started: Started,
    bucket: str,
    cluster: dict[str, Any],
    step: dict[str, Any],
) -> str:
    reasons = [
        step.get("FailureDetails", {}).get("Reason"),
        cluster.get("StateChangeReason", {}).get("Message"),
    ]
    told = "; ".join(reason for reason in reasons if reason) or "EMR names no reason"
    return (
        f"the step {started.step} of {started.cluster} is {step['State']}: {told}. The site goes "
        f"on serving the former run.{_from_the_log(account, started, bucket, cluster, step)}"
    )


def _from_the_log(
    account: Account,
    started: Started,
    bucket: str,
    cluster: dict[str, Any],
    step: dict[str, Any],
) -> str:
    """A cluster that never started, for want of machines say, leaves no log to wait for."""
    if step["State"] == "FAILED":
        prefix = logs.of_step(started.cluster, started.step)
    elif cluster.get("StateChangeReason", {}).get("Code") == "BOOTSTRAP_FAILURE":
        prefix = logs.of_nodes(started.cluster)
    else:
        return ""
    ended = step.get("Timeline", {}).get("EndDateTime")
    lines = logs.lines_that_matter(account, bucket, prefix, since=ended)
    shown = "".join(f"\n  {line}" for line in lines)
    return f" From the log:{shown}\n`bin/deploy logs` shows all of it"
