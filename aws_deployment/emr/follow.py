"""Follow a run on a cluster to its end, and say why it failed."""

from dataclasses import dataclass
from typing import Any

from aws_deployment.account import Account
from aws_deployment.emr import logs
from aws_deployment.emr.cluster import UNDER_WAY, Started
from aws_deployment.errors import DeployError
from aws_deployment.waiting import once, until

GONE = ("TERMINATED", "TERMINATED_WITH_ERRORS")
ENDED = ("TERMINATING", *GONE)
MINUTES = 180


@dataclass(frozen=True)
class Status:
    """The status of a cluster and of its step."""

    cluster: dict[str, Any]
    step: dict[str, Any]

    @property
    def is_over(self) -> bool:
        return self.step["State"] not in UNDER_WAY or self.cluster["State"] in GONE

    def __str__(self) -> str:
        return f"cluster {self.cluster['State']}, step {self.step['State']}"


def follow(account: Account, started: Started, bucket: str) -> None:
    """Report progress until the step has ended. DeployError with the reason if it failed."""
    tell = once()

    def look() -> Status | None:
        status = _status(account, started)
        tell(str(status))
        return status if status.is_over else None

    status = until(look, what="the run", minutes=MINUTES)
    if status.step["State"] != "COMPLETED":
        log = _from_the_log(account, started, bucket, status)
        raise DeployError(
            f"the step {started.step} of {started.cluster} is {status.step['State']}: "
            f"{_reasons(status)}. The site goes on serving the previous run.{log}"
        )


def _status(account: Account, started: Started) -> Status:
    emr = account.client("emr")
    cluster = emr.describe_cluster(ClusterId=started.cluster)["Cluster"]["Status"]
    step = emr.describe_step(ClusterId=started.cluster, StepId=started.step)["Step"]["Status"]
    return Status(cluster, step)


def _reasons(status: Status) -> str:
    reasons = [
        status.step.get("FailureDetails", {}).get("Reason"),
        status.cluster.get("StateChangeReason", {}).get("Message"),
    ]
    return "; ".join(reason for reason in reasons if reason) or "EMR gives no reason"


def _from_the_log(account: Account, started: Started, bucket: str, status: Status) -> str:
    """Lines of the log; a cluster that never started, e.g. for lack of machines, leaves none."""
    if status.step["State"] == "FAILED":
        prefix = logs.of_step(started.cluster, started.step)
    elif status.cluster.get("StateChangeReason", {}).get("Code") == "BOOTSTRAP_FAILURE":
        prefix = logs.of_nodes(started.cluster)
    else:
        return ""
    ended = status.step.get("Timeline", {}).get("EndDateTime")
    lines = logs.lines_that_matter(account, bucket, prefix, since=ended)
    shown = "".join(f"\n  {line}" for line in lines)
    return f" From the log:{shown}\n`bin/deploy logs` shows all of it"
