"""What `run` does as `aws` commands: to read, or to run by hand.

That for the cluster is made from the same request that `run` sends; only the names differ.
"""

import json
import shlex
from pathlib import Path
from typing import Any

from aws_deployment.emr.artifacts import PREFIX


def upload_commands(files: dict[str, Path], bucket: str) -> list[str]:
    """One command for each artifact: name in the bucket -> local file."""
    return [
        f"aws s3 cp {shlex.quote(str(path))} s3://{bucket}/{PREFIX}/{name}"
        for name, path in files.items()
    ]


def create_cluster(asked: dict[str, Any]) -> str:
    """`aws emr create-cluster` for a RunJobFlow request."""
    instances = asked["Instances"]
    words = {
        "--name": asked["Name"],
        "--release-label": asked["ReleaseLabel"],
        "--applications": "Name=Spark",
        "--log-uri": asked["LogUri"],
        "--service-role": asked["ServiceRole"],
        "--ec2-attributes": json.dumps(_attributes(asked["JobFlowRole"], instances)),
        "--instance-groups": json.dumps([_group(one) for one in instances["InstanceGroups"]]),
        "--bootstrap-actions": json.dumps([_bootstrap(one) for one in asked["BootstrapActions"]]),
        "--configurations": json.dumps(asked["Configurations"]),
        "--steps": json.dumps([_step(one) for one in asked["Steps"]]),
        **_others(asked),
    }
    lines = [f"{name} {shlex.quote(value)}" for name, value in words.items()]
    tags = " ".join(f"{tag['Key']}={tag['Value']}" for tag in asked["Tags"])
    kept = "--no-auto-terminate" if instances["KeepJobFlowAliveWhenNoSteps"] else "--auto-terminate"
    return " \\\n  ".join(["aws emr create-cluster", *lines, f"--tags {tags}", kept])


def _attributes(profile: str, instances: dict[str, Any]) -> dict[str, str]:
    return {
        "InstanceProfile": profile,
        "SubnetId": instances["Ec2SubnetId"],
        "EmrManagedMasterSecurityGroup": instances["EmrManagedMasterSecurityGroup"],
        "EmrManagedSlaveSecurityGroup": instances["EmrManagedSlaveSecurityGroup"],
    }


def _group(group: dict[str, Any]) -> dict[str, Any]:
    """The command marks Spot with a bid price; the maximum is the On-Demand price."""
    spot = {"BidPrice": "OnDemandPrice"} if group["Market"] == "SPOT" else {}
    kept = {name: group[name] for name in ("Name", "InstanceType", "InstanceCount")}
    return {"InstanceGroupType": group["InstanceRole"], **kept, **spot}


def _bootstrap(action: dict[str, Any]) -> dict[str, Any]:
    return {"Name": action["Name"], **action["ScriptBootstrapAction"]}


def _step(step: dict[str, Any]) -> dict[str, Any]:
    jar = step["HadoopJarStep"]
    return {
        "Type": "CUSTOM_JAR",
        "Name": step["Name"],
        "ActionOnFailure": step["ActionOnFailure"],
        "Jar": jar["Jar"],
        "Args": jar["Args"],
    }


def _others(asked: dict[str, Any]) -> dict[str, str]:
    others = {}
    if "SecurityConfiguration" in asked:
        others["--security-configuration"] = asked["SecurityConfiguration"]
    if "AutoTerminationPolicy" in asked:
        others["--auto-termination-policy"] = json.dumps(asked["AutoTerminationPolicy"])
    return others
