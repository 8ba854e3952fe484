"""The cluster that a run starts: its size, its price, its life, and the same by hand."""

import re
import subprocess

import boto3
import pytest

from aws_deployment import learner_lab, versions
from aws_deployment.emr import data, step
from tests.deployment.conftest import backend
from tests.deployment.emr import Emr, describe
from tests.support.targets import ROOT


@pytest.fixture
def emr(clock, with_data):
    return Emr(clock)


def test_small_data_take_one_node_and_large_ones_two(run_deploy, emr, requests, monkeypatch):
    for bytes_of_data in (data.SMALL, data.SMALL + 1):
        monkeypatch.setattr(data, "size", lambda *_, size=bytes_of_data: size)
        emr.then("TERMINATING", "COMPLETED")
        assert run_deploy("run", "--spot").status == 0
    one, two = [asked for name, asked in requests if name == "RunJobFlow"]
    markets = [
        [(group["InstanceRole"], group["Market"]) for group in asked["Instances"]["InstanceGroups"]]
        for asked in (one, two)
    ]
    assert markets == [[("MASTER", "SPOT")], [("MASTER", "ON_DEMAND"), ("CORE", "SPOT")]]


@pytest.mark.parametrize("words", [["--instance-type", "m5.xlarge"], ["--spot"]])
def test_what_a_lab_ends_is_refused_before_emr_is_asked(run_deploy, emr, monkeypatch, calls, words):
    monkeypatch.setattr(learner_lab, "is_of_a_lab", lambda _: True)
    done = run_deploy("run", *words)
    assert done.status == 1
    assert "Learner Lab" in done.err
    assert "RunJobFlow" not in calls
    assert run_deploy("--learner-lab", "check", *words).status == 1


def test_the_nodes_take_the_python_that_their_releases_have():
    script = (ROOT / "aws_deployment" / "emr_bootstrap.sh").read_text(encoding="utf-8")
    assert f"\npython={versions.NODE_PYTHON}\n" in script


def test_a_single_node_leaves_room_for_the_driver_and_the_services():
    settings = step.spark_settings("us-east-1", step.Cores(nodes=0, vcpus=2, memory=8192))
    assert settings["spark.executor.instances"] == "1"
    memory = ("executor.memory", "executor.memoryOverhead", "driver.memory")
    sizes = [settings[f"spark.{name}"].replace("g", "000m") for name in memory]
    assert sum(int(size.removesuffix("m")) for size in sizes) <= 8192 - 2048 - 1024


def test_executors_fill_the_nodes_and_leave_room_for_python():
    settings = step.spark_settings("us-east-1", step.Cores(nodes=4, vcpus=4, memory=16384))
    assert settings["spark.executor.instances"] == "4"
    assert settings["spark.executor.cores"] == "4"
    heap, overhead = (
        int(settings[f"spark.executor.{name}"].removesuffix("m"))
        for name in ("memory", "memoryOverhead")
    )
    assert heap + overhead == 16384 * 3 // 4 - 1024
    assert overhead > heap


def test_a_cluster_that_is_kept_alive_takes_the_next_step(run_deploy, emr, requests):
    emr.then("WAITING", "COMPLETED")
    assert run_deploy("run", "--keep-alive", "45").status == 0
    (request,) = [arguments for name, arguments in requests if name == "RunJobFlow"]
    assert request["AutoTerminationPolicy"] == {"IdleTimeout": 45 * 60}
    assert request["Instances"]["KeepJobFlowAliveWhenNoSteps"] is True
    emr.then("WAITING", "COMPLETED")
    done = run_deploy("run")
    assert done.status == 0
    assert "is waiting for work: the step goes there" in done.out
    _, steps = describe(emr)
    assert len(steps) == 2
    assert {one["ActionOnFailure"] for one in steps} == {"CONTINUE"}
    assert len(backend("emr").clusters) == 1


def test_the_commands_that_are_shown_start_the_same_cluster(run_deploy, emr, monkeypatch):
    options = ["--spot", "--workers", "2", "--keep-alive", "30"]
    shown = run_deploy("run", *options, "--show-commands")
    assert shown.status == 0, shown
    assert not backend("emr").clusters
    *uploads, _ = re.split(r"\n(?=aws )", shown.out.strip())
    assert len(uploads) == 6
    done = subprocess.run(["bash", "-ec", shown.out], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    by_hand = described(emr)
    emr.cluster.state = "TERMINATED"
    emr.then("TERMINATING", "COMPLETED")
    assert run_deploy("run", *options).status == 0
    assert len(backend("emr").clusters) == 2
    assert described(emr) == by_hand


def described(emr):
    """All that moto remembers of a cluster but its own names and times."""
    client, name = boto3.client("emr"), emr.cluster.id
    cluster, steps = describe(emr)
    ours = ("Name", "ReleaseLabel", "ServiceRole", "LogUri", "AutoTerminate", "Configurations",
            "Tags", "Ec2InstanceAttributes", "SecurityConfiguration", "Applications")  # fmt: skip
    groups = client.list_instance_groups(ClusterId=name)["InstanceGroups"]
    return (
        {key: cluster.get(key) for key in ours},
        [(step["Name"], step["ActionOnFailure"], step["Config"]) for step in steps],
        client.list_bootstrap_actions(ClusterId=name)["BootstrapActions"],
        sorted(
            (one["InstanceGroupType"], one["InstanceType"], one["Market"],
             one["RequestedInstanceCount"])
            for one in groups
        ),
    )  # fmt: skip
