"""The request to EMR: one cluster for one run of the job, the same by hand and at night."""

from dataclasses import dataclass
from typing import Any

from aws_deployment.account import TAG, Account
from aws_deployment.emr import step
from aws_deployment.emr.artifacts import Artifacts


@dataclass(frozen=True)
class Shape:
    """A cluster. `workers` 0: a single node. `keep_alive`: idle minutes before it terminates;
    None: it terminates after the step. `spot`: core nodes (or the single node) at the Spot price.
    """

    release: str
    instance_type: str
    workers: int
    keep_alive: int | None = None
    spot: bool = False

    def __str__(self) -> str:
        nodes = f"1 primary and {self.workers} core" if self.workers else "a single"
        return f"{self.release}, {nodes} {self.instance_type}{', Spot' if self.spot else ''}"


def run_job_flow(
    account: Account, outputs: dict[str, str], artifacts: Artifacts, shape: Shape, words: list[str]
) -> dict[str, Any]:
    """The arguments of RunJobFlow, with the job as its step. `words` are the job's arguments."""
    ends: dict[str, Any] = {}
    if shape.keep_alive:
        ends = {"AutoTerminationPolicy": {"IdleTimeout": shape.keep_alive * 60}}
    if "SecurityConfiguration" in outputs:  # a Learner Lab has none
        ends["SecurityConfiguration"] = outputs["SecurityConfiguration"]
    return {
        "Name": f"{account.stack}-job",
        "ReleaseLabel": shape.release,
        "Applications": [{"Name": "Spark"}],
        "LogUri": f"s3://{outputs['Bucket']}/logs/",
        "ServiceRole": outputs["EmrServiceRole"],
        "JobFlowRole": outputs["EmrProfile"],
        "Instances": {
            "InstanceGroups": _groups(shape),
            "Ec2SubnetId": outputs["Subnet"],
            "EmrManagedMasterSecurityGroup": outputs["PrimarySecurityGroup"],
            "EmrManagedSlaveSecurityGroup": outputs["CoreSecurityGroup"],
            "KeepJobFlowAliveWhenNoSteps": bool(shape.keep_alive),
            "TerminationProtected": False,
        },
        **ends,
        "BootstrapActions": [_bootstrap(artifacts)],
        "Configurations": step.configurations(account.region, _cores(account, shape)),
        "Steps": [job_step(account, step.arguments(artifacts, words), kept=bool(shape.keep_alive))],
        # AmazonEMRServicePolicy_v2 requires the second tag.
        "Tags": [
            {"Key": TAG, "Value": account.stack},
            {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"},
        ],
        "VisibleToAllUsers": True,
    }


def job_step(account: Account, arguments: list[str], *, kept: bool) -> dict[str, Any]:
    """The step. If it fails, a cluster started for it terminates, and a kept one stays."""
    return {
        "Name": f"{account.stack}: rank and publish",
        "ActionOnFailure": "CONTINUE" if kept else "TERMINATE_CLUSTER",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": arguments},
    }


def _groups(shape: Shape) -> list[dict[str, Any]]:
    primary = _group("MASTER", shape, 1, spot=shape.spot and not shape.workers)
    core = [_group("CORE", shape, shape.workers, spot=shape.spot)] if shape.workers else []
    return [primary, *core]


def _group(role: str, shape: Shape, count: int, *, spot: bool) -> dict[str, Any]:
    return {
        "Name": role.lower(),
        "InstanceRole": role,
        "InstanceType": shape.instance_type,
        "InstanceCount": count,
        "Market": "SPOT" if spot else "ON_DEMAND",
    }


def _bootstrap(artifacts: Artifacts) -> dict[str, Any]:
    arguments = [artifacts.truststore, step.TRUSTSTORE, artifacts.requirements, step.VENV]
    return {
        "Name": "packages and certificates",
        "ScriptBootstrapAction": {"Path": artifacts.bootstrap, "Args": arguments},
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
