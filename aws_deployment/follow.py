"""Following a run on a cluster to its end, and saying why where it failed."""

from typing import Any

from aws_deployment import logs
from aws_deployment.account import Account, DeployError
from aws_deployment.cluster import Started
from aws_deployment.waiting import say_when, until

ENDED = ("TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS")
MINUTES = 180


def follow(account: Account, started: Started, bucket: str) -> None:
    """Say what happens until the step has ended. DeployError with its reason if it failed."""
    watch = _watch(account, started)
    cluster, step = until(watch, what="the run", minutes=MINUTES)
    if step["State"] != "COMPLETED":
        raise DeployError(_failure(account, started, bucket, cluster, step))


def _watch(account: Account, started: Started) -> Any:
    """Looks at both states, says what is new, and finds something once the step is over."""
    emr = account.client("emr")
    said = ""

    def look() -> tuple[dict[str, Any], dict[str, Any]] | None:
        nonlocal said
        cluster = emr.describe_cluster(ClusterId=started.cluster)["Cluster"]["Status"]
        step = emr.describe_step(ClusterId=started.cluster, StepId=started.step)["Step"]["Status"]
        line = f"cluster {cluster['State']}, step {step['State']}"
        if line != said:
            said = line
            say_when(line)
        over = step["State"] not in ("PENDING", "RUNNING") or cluster["State"] in ENDED
        return (cluster, step) if over else None

    return look


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
    began = step["State"] == "FAILED"
    prefix = (
        logs.of_step(started.cluster, started.step) if began else logs.of_nodes(started.cluster)
    )
    shown = "".join(f"\n  {line}" for line in logs.lines_that_matter(account, bucket, prefix))
    return (
        f"the step {started.step} of {started.cluster} is {step['State']}: {told}. The site goes "
        f"on serving the former run. From the log:{shown}\n`bin/deploy logs` shows all of it"
    )
