"""bin/deploy run: what is submitted to EMR, how it is followed, and what a failure says."""

import json

import boto3
import pytest
from moto.emr.models import Cluster

from aws_deployment import versions
from aws_deployment.emr.artifacts import NAMES, PREFIX, node_requirements
from tests.deployment.conftest import backend
from tests.deployment.emr import JOB_ERROR, Emr, describe


@pytest.fixture
def emr(clock, with_data):
    return Emr(clock)


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
    assert "is busy: following it instead of starting another" in done.out
    assert len(backend("emr").clusters) == 1


def test_data_that_are_not_there_are_told_before_a_cluster_is_paid(run_deploy, emr, calls):
    done = run_deploy("run", "--input", "ml-32m")
    assert done.status == 1
    assert "error: there are no data ml-32m in the bucket: `bin/deploy upload" in done.err
    assert "RunJobFlow" not in calls


def test_without_a_stack_the_run_says_what_comes_first(run_deploy):
    done = run_deploy("run")
    assert done.err == "error: there is no stack recsys in us-east-1: run `bin/deploy up` first\n"


def test_logs_shows_the_whole_log_of_the_last_run(run_deploy, emr):
    assert "there has been no cluster yet" in run_deploy("logs").err
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
