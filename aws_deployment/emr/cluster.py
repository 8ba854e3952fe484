"""The transient EMR cluster: started for one step, and gone by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aws_deployment.account import TAG, Account
from aws_deployment.emr import step
from aws_deployment.emr.artifacts import Artifacts, node_requirements
from aws_deployment.waiting import say

RELEASE, LAB_RELEASE = "emr-spark-8.0.0", "emr-7.13.0"
INSTANCE_TYPE = "m4.large"
WORKERS = 1
UNDER_WAY = ["PENDING", "RUNNING", "CANCEL_PENDING"]
ALIVE = ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"]


@dataclass(frozen=True)
class Shape:
    """What to start. `keep_alive` are minutes without work until the end; None: after the step."""

    release: str
    instance_type: str
    workers: int
    keep_alive: int | None


@dataclass(frozen=True)
class Started:
    """A step on a cluster."""

    cluster: str
    step: str


def start(
    account: Account,
    outputs: dict[str, str],
    artifacts: Artifacts,
    shape: Shape,
    job: list[str],
) -> Started:
    """Start a cluster with the job as its step, or give the step to one that waits for work."""
    emr = account.client("emr")
    waiting = newest(account, ["WAITING"])
    kept = bool(shape.keep_alive or waiting)
    steps = [_step(step.arguments(outputs, artifacts, job), kept=kept)]
    if waiting:
        added = emr.add_job_flow_steps(JobFlowId=waiting, Steps=steps)
        say(f"cluster {waiting} is waiting for work: the step goes there, as the cluster is")
        return Started(waiting, added["StepIds"][0])
    cores = _cores(account, shape)
    request = _request(account, outputs, artifacts, shape, cores)
    cluster = emr.run_job_flow(**request, Steps=steps)["JobFlowId"]
    say(
        f"started cluster {cluster}: {shape.release}, 1 primary and {shape.workers} core "
        f"{shape.instance_type}; it takes 6 to 10 minutes to be ready"
    )
    return Started(cluster, emr.list_steps(ClusterId=cluster)["Steps"][0]["Id"])


def _request(
    account: Account,
    outputs: dict[str, str],
    artifacts: Artifacts,
    shape: Shape,
    cores: step.Cores,
) -> dict[str, Any]:
    ends: dict[str, Any] = {}
    if shape.keep_alive:
        ends = {"AutoTerminationPolicy": {"IdleTimeout": shape.keep_alive * 60}}
    return {
        "Name": f"{account.stack}-job",
        "ReleaseLabel": shape.release,
        "Applications": [{"Name": "Spark"}],
        "LogUri": f"s3://{outputs['Bucket']}/logs/",
        "ServiceRole": outputs["EmrServiceRole"],
        "JobFlowRole": outputs["EmrProfile"],
        "SecurityConfiguration": outputs["SecurityConfiguration"],
        "Instances": {
            "InstanceGroups": [
                _group("MASTER", shape.instance_type, 1),
                _group("CORE", shape.instance_type, shape.workers),
            ],
            "Ec2SubnetId": outputs["Subnet"],
            "EmrManagedMasterSecurityGroup": outputs["PrimarySecurityGroup"],
            "EmrManagedSlaveSecurityGroup": outputs["CoreSecurityGroup"],
            "KeepJobFlowAliveWhenNoSteps": bool(shape.keep_alive),
            "TerminationProtected": False,
        },
        **ends,
        "BootstrapActions": [_bootstrap(artifacts)],
        "Configurations": step.configurations(account.region, cores),
        # The second tag is what AmazonEMRServicePolicy_v2 asks for.
        "Tags": [
            {"Key": TAG, "Value": account.stack},
            {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"},
        ],
        "VisibleToAllUsers": True,
    }


def _group(role: str, instance_type: str, count: int) -> dict[str, Any]:
    return {
        "Name": role.lower(),
        "InstanceRole": role,
        "InstanceType": instance_type,
        "InstanceCount": count,
        "Market": "ON_DEMAND",
    }


def _bootstrap(artifacts: Artifacts) -> dict[str, Any]:
    arguments = [artifacts.truststore, step.TRUSTSTORE, *node_requirements()]
    return {
        "Name": "packages and certificates",
        "ScriptBootstrapAction": {"Path": artifacts.bootstrap, "Args": arguments},
    }


def _step(arguments: list[str], *, kept: bool) -> dict[str, Any]:
    """A failed step ends a cluster that was started for it, and leaves one that is kept."""
    return {
        "Name": "rank and publish",
        "ActionOnFailure": "CONTINUE" if kept else "TERMINATE_CLUSTER",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": arguments},
    }


def _cores(account: Account, shape: Shape) -> step.Cores:
    (found,) = account.client("ec2").describe_instance_types(InstanceTypes=[shape.instance_type])[
        "InstanceTypes"
    ]
    return step.Cores(
        nodes=shape.workers,
        vcpus=found["VCpuInfo"]["DefaultVCpus"],
        memory=found["MemoryInfo"]["SizeInMiB"],
    )


def all_of_ours(account: Account, states: list[str]) -> Iterator[dict[str, Any]]:
    """Those with our tag, however they were started; the newest first."""
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
    """A step that is under way, e.g. of a `run` that was interrupted."""
    emr = account.client("emr")
    for cluster in all_of_ours(account, ["STARTING", "BOOTSTRAPPING", "RUNNING"]):
        under_way = emr.list_steps(ClusterId=cluster["Id"], StepStates=UNDER_WAY)["Steps"]
        if under_way:
            return Started(cluster["Id"], under_way[0]["Id"])
    return None
