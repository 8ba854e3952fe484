"""bin/deploy run: what is submitted to EMR, how it is followed, and what a failure says."""

import gzip
import json
import re
import subprocess

import boto3
import pytest
from moto.emr.models import Cluster

from aws_deployment import learner_lab, versions
from aws_deployment.emr import data, step
from aws_deployment.emr.artifacts import NAMES, PREFIX, node_requirements
from tests.deployment.conftest import backend, outputs

JOB_ERROR = "error: cannot read s3://x/ml: no such prefix"


class Emr:
    """Moves moto's cluster and step on, as EMR would."""

    def __init__(self, clock):
        self.clock = clock

    @property
    def bucket(self):
        return outputs()["Bucket"]

    @property
    def cluster(self):
        return list(backend("emr").clusters.values())[-1]

    def then(self, cluster=None, step=None, log=None, node_log=None, reason=None):
        self.clock.events.append(lambda: self._move(cluster, step, log, node_log, reason))
        return self

    def _move(self, cluster, step, log, node_log, reason):
        if reason:
            self.cluster.last_state_change_reason = reason
        self.cluster.state = cluster or self.cluster.state
        self.cluster.steps[-1].state = step or self.cluster.steps[-1].state
        prefix = f"logs/{self.cluster.id}"
        if log:
            put_log(f"{prefix}/steps/{self.cluster.steps[-1].id}/stderr.gz", log)
        if node_log:
            put_log(f"{prefix}/node/i-1/bootstrap-actions/1/stderr.gz", node_log)


def put_log(key, text):
    bucket = outputs()["Bucket"]
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=gzip.compress(text.encode()))


@pytest.fixture
def emr(clock, with_data):
    return Emr(clock)


def describe(emr):
    client = boto3.client("emr")
    return (
        client.describe_cluster(ClusterId=emr.cluster.id)["Cluster"],
        client.list_steps(ClusterId=emr.cluster.id)["Steps"],
    )


def test_a_run_starts_a_cluster_that_ends_by_itself_and_follows_it(run_deploy, emr):
    emr.then("STARTING", "PENDING").then("BOOTSTRAPPING").then("RUNNING", "RUNNING")
    emr.then("TERMINATING", "COMPLETED")
    done = run_deploy("run")
    assert done.status == 0, done
    for line in ("cluster STARTING, step PENDING", "cluster RUNNING, step RUNNING", "COMPLETED"):
        assert line in done.out
    cluster, (submitted,) = describe(emr)
    assert cluster["AutoTerminate"] is True
    assert cluster["ReleaseLabel"] == versions.RELEASE.label
    assert submitted["ActionOnFailure"] == "TERMINATE_CLUSTER"
    tags = {tag["Key"]: tag["Value"] for tag in cluster["Tags"]}
    assert tags["movie-recommendations"] == "recsys"
    assert tags["for-use-with-amazon-emr-managed-policies"] == "true"


def test_the_request_names_what_the_stack_made(run_deploy, emr, is_up):
    emr.then("TERMINATING", "COMPLETED")
    assert run_deploy("run", "--workers", "3").status == 0
    cluster, _ = describe(emr)
    assert cluster["SecurityConfiguration"] == is_up["SecurityConfiguration"]
    assert cluster["LogUri"] == f"s3://{is_up['Bucket']}/logs/"
    attributes = cluster["Ec2InstanceAttributes"]
    assert attributes["Ec2SubnetId"] == is_up["Subnet"]
    assert attributes["EmrManagedMasterSecurityGroup"] == is_up["PrimarySecurityGroup"]
    assert attributes["EmrManagedSlaveSecurityGroup"] == is_up["CoreSecurityGroup"]
    groups = boto3.client("emr").list_instance_groups(ClusterId=cluster["Id"])["InstanceGroups"]
    assert {group["InstanceGroupType"]: group["RequestedInstanceCount"] for group in groups} == {
        "MASTER": 1,
        "CORE": 3,
    }


def test_everything_that_the_step_names_is_in_the_bucket(run_deploy, emr):
    emr.then("TERMINATING", "COMPLETED")
    assert run_deploy("run").status == 0
    _, (submitted,) = describe(emr)
    named = [word for word in submitted["Config"]["Args"] if word.startswith("s3://")]
    files = [word for word in named if "/jobs/" in word]
    assert len(files) == 3  # the entry point, the zip and the driver
    for address in files:
        bucket, _, key = address.removeprefix("s3://").partition("/")
        assert boto3.client("s3").head_object(Bucket=bucket, Key=key)["ContentLength"] > 0
    (bootstrap,) = boto3.client("emr").list_bootstrap_actions(ClusterId=emr.cluster.id)[
        "BootstrapActions"
    ]
    prefix = f"s3://{emr.bucket}/"
    for address in (word for word in bootstrap["Args"] if word.startswith("s3://")):
        boto3.client("s3").head_object(Bucket=emr.bucket, Key=address.removeprefix(prefix))
    listed = boto3.client("s3").get_object(Bucket=emr.bucket, Key=f"{PREFIX}/{NAMES.requirements}")
    assert listed["Body"].read().decode().split() == node_requirements()


def test_options_of_the_job_pass_through_and_are_checked_first(run_deploy, emr, capsys):
    emr.then("TERMINATING", "COMPLETED")
    assert run_deploy("run", "--", "--min-ratings", "20").status == 0
    _, (submitted,) = describe(emr)
    assert submitted["Config"]["Args"][-2:] == ["--min-ratings", "20"]
    with pytest.raises(SystemExit) as stopped:
        run_deploy("run", "--", "--min-ratings", "many")
    assert stopped.value.code == 2
    assert "argument --min-ratings: 'many' is not a whole number" in capsys.readouterr().err
    assert len(backend("emr").clusters) == 1


def test_a_failed_step_shows_the_line_of_its_log_that_matters(run_deploy, emr):
    noise = "26/11/22 INFO Client: uploading\n" * 50
    emr.then("RUNNING", "RUNNING").then("TERMINATING", "FAILED")
    emr.then(log=f"{noise}{JOB_ERROR}\n{noise}")
    done = run_deploy("run")
    assert done.status == 1
    assert f"The site goes on serving the previous run. From the log:\n  {JOB_ERROR}\n" in done.err
    assert "INFO Client" not in done.err


def test_a_bootstrap_that_failed_shows_its_own_log(run_deploy, emr, monkeypatch):
    monkeypatch.setattr(Cluster, "status", property(status_with_code))
    emr.then("BOOTSTRAPPING", "PENDING")
    emr.then(
        "TERMINATED_WITH_ERRORS", "CANCELLED", node_log="ERROR: No matching distribution\n",
        reason="BOOTSTRAP_FAILURE",
    )  # fmt: skip
    done = run_deploy("run")
    assert done.status == 1
    assert "is CANCELLED" in done.err
    assert "\n  ERROR: No matching distribution\n" in done.err


def status_with_code(cluster):
    """moto gives no code with the reason."""
    code = getattr(cluster, "last_state_change_reason", None)
    return {"State": cluster.state, "StateChangeReason": {"Code": code, "Message": "told"}}


def test_a_cluster_that_never_started_is_not_waited_for_in_vain(run_deploy, emr, clock):
    emr.then("TERMINATED_WITH_ERRORS", "CANCELLED")
    before = clock.now
    done = run_deploy("run")
    assert done.status == 1
    assert "The site goes on serving the previous run.\n" in done.err
    assert clock.now - before < 60


def test_a_log_that_never_arrives_is_said_so(run_deploy, emr):
    emr.then("TERMINATING", "FAILED")
    done = run_deploy("run")
    assert done.status == 1
    assert "(no log arrived at s3://" in done.err


def test_an_interrupted_run_is_followed_instead_of_started_twice(run_deploy, emr, interrupt_after):
    for operation in ("RunJobFlow", "DescribeStep"):
        interrupt_after(operation)
        assert run_deploy("run").status == 130
    emr.then("TERMINATING", "COMPLETED")
    done = run_deploy("run")
    assert done.status == 0
    assert "is at work: following it instead of starting another" in done.out
    assert len(backend("emr").clusters) == 1


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


def test_data_that_are_not_there_are_told_before_a_cluster_is_paid(run_deploy, emr, calls):
    done = run_deploy("run", "--input", "ml-32m")
    assert done.status == 1
    assert "error: there are no data ml-32m in the bucket: `bin/deploy upload" in done.err
    assert "RunJobFlow" not in calls


@pytest.mark.parametrize("words", [["--instance-type", "m5.xlarge"], ["--spot"]])
def test_what_a_lab_ends_is_refused_before_emr_is_asked(run_deploy, emr, monkeypatch, calls, words):
    monkeypatch.setattr(learner_lab, "is_of_a_lab", lambda _: True)
    done = run_deploy("run", *words)
    assert done.status == 1
    assert "Learner Lab" in done.err
    assert "RunJobFlow" not in calls
    assert run_deploy("--learner-lab", "check", *words).status == 1


def test_a_single_node_leaves_room_for_the_driver_and_the_services():
    settings = step.spark_settings("us-east-1", step.Cores(nodes=0, vcpus=2, memory=8192))
    assert settings["spark.executor.instances"] == "1"
    memory = ("executor.memory", "executor.memoryOverhead", "driver.memory")
    sizes = [settings[f"spark.{name}"].replace("g", "000m") for name in memory]
    assert sum(int(size.removesuffix("m")) for size in sizes) <= 8192 - 2048 - 1024


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


def test_without_a_stack_the_run_says_what_comes_first(run_deploy):
    done = run_deploy("run")
    assert done.err == "error: there is no stack recsys in us-east-1: run `bin/deploy up` first\n"


def test_logs_shows_the_whole_log_of_the_last_run(run_deploy, emr):
    assert "there was no cluster yet" in run_deploy("logs").err
    emr.then("TERMINATING", "FAILED").then(log=f"all of it\n{JOB_ERROR}\n")
    run_deploy("run")
    emr.cluster.state = "TERMINATED_WITH_ERRORS"
    done = run_deploy("logs")
    assert done.status == 0
    assert f"all of it\n{JOB_ERROR}\n" in done.out


def test_down_ends_a_cluster_that_is_at_work(run_deploy, emr, interrupt_after):
    interrupt_after("DescribeStep")
    run_deploy("run")
    done = run_deploy("down", "--yes")
    assert done.status == 0, done
    assert f"ending {emr.cluster.id}" in done.out
    assert emr.cluster.state == "TERMINATED"


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


def test_the_password_is_in_no_argument_output_or_message(run_deploy, emr, is_up):
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=is_up["DatabaseSecret"])
    password = json.loads(secret["SecretString"])["password"]
    emr.then("TERMINATING", "FAILED").then(log=JOB_ERROR)
    printed = [run_deploy(*words) for words in (["run"], ["status"], ["up", "--yes"], ["logs"])]
    cloudformation, ec2 = boto3.client("cloudformation"), boto3.client("ec2")
    visible = [
        describe(emr),
        boto3.client("emr").list_bootstrap_actions(ClusterId=emr.cluster.id),
        boto3.client("ssm").list_commands(),
        cloudformation.describe_stacks(),
        cloudformation.get_template(StackName="recsys"),
        cloudformation.describe_stack_events(StackName="recsys"),
        ec2.describe_instance_attribute(InstanceId=is_up["SiteInstance"], Attribute="userData"),
    ]
    assert len(password) > 20
    assert password not in json.dumps([vars(one) for one in printed]) + json.dumps(
        visible, default=str
    )


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
