"""The transient EMR cluster: started for one step, and terminated by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aws_deployment.account import Account
from aws_deployment.emr import request, step
from aws_deployment.emr.artifacts import Artifacts
from aws_deployment.waiting import say

INSTANCE_TYPE = "m4.large"
UNDER_WAY = ["PENDING", "RUNNING", "CANCEL_PENDING"]
ALIVE = ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"]


@dataclass(frozen=True)
class Started:
    """A step on a cluster."""

    cluster: str
    step: str


def start(
    account: Account,
    outputs: dict[str, str],
    artifacts: Artifacts,
    shape: request.Shape,
    words: list[str],
) -> Started:
    """Start a cluster with the job as its step, or add the step to one that is waiting for work."""
    emr = account.client("emr")
    if waiting := newest(account, ["WAITING"]):
        added = emr.add_job_flow_steps(
            JobFlowId=waiting,
            Steps=[request.job_step(account, step.arguments(artifacts, words), kept=True)],
        )
        say(f"cluster {waiting} is waiting for work: the step goes there, as the cluster is")
        return Started(waiting, added["StepIds"][0])
    asked = request.run_job_flow(account, outputs, artifacts, shape, words)
    cluster = emr.run_job_flow(**asked)["JobFlowId"]
    say(f"started cluster {cluster}: {shape}; it takes 6 to 10 minutes to be ready")
    return Started(cluster, emr.list_steps(ClusterId=cluster)["Steps"][0]["Id"])


def all_of_ours(account: Account, states: list[str]) -> Iterator[dict[str, Any]]:
    """The clusters with our tag, however they were started, newest first."""
    emr = account.client("emr")
    for page in emr.get_paginator("list_clusters").paginate(ClusterStates=states):
        for found in page["Clusters"]:
            if account.owns(emr.describe_cluster(ClusterId=found["Id"])["Cluster"]["Tags"]):
                yield found


def newest(account: Account, states: list[str]) -> str | None:
    return next((found["Id"] for found in all_of_ours(account, states)), None)


def newest_step(account: Account, cluster: str) -> str | None:
    steps = account.client("emr").list_steps(ClusterId=cluster)["Steps"]
    return steps[0]["Id"] if steps else None


def unfinished(account: Account) -> Started | None:
    """A step in progress, e.g. of a `run` that was interrupted."""
    emr = account.client("emr")
    for cluster in all_of_ours(account, ["STARTING", "BOOTSTRAPPING", "RUNNING"]):
        under_way = emr.list_steps(ClusterId=cluster["Id"], StepStates=UNDER_WAY)["Steps"]
        if under_way:
            return Started(cluster["Id"], under_way[0]["Id"])
    return None
