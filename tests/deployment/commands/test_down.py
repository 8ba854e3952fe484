"""bin/deploy down: it takes away what is ours, all of it, and nothing else."""

import json

import boto3
import pytest

from tests.deployment.conftest import outputs, resources
from tests.deployment.moto_resources import publish_ubuntu


def test_down_leaves_nothing(run_deploy, is_up):
    boto3.client("s3").put_object(Bucket=is_up["Bucket"], Key="data/x", Body=b"1")
    boto3.client("s3").put_object(Bucket=is_up["Bucket"], Key="data/x", Body=b"2")
    boto3.client("s3").create_multipart_upload(Bucket=is_up["Bucket"], Key="data/y")
    done = run_deploy("down", "--yes")
    assert done.status == 0, done
    assert "verified: nothing that costs money is left" in done.out
    assert run_deploy("status").out == "there is nothing of recsys in us-east-1\n"
    assert boto3.client("s3").list_buckets()["Buckets"] == []
    assert boto3.client("rds").describe_db_instances()["DBInstances"] == []
    assert boto3.client("rds").describe_db_snapshots()["DBSnapshots"] == []
    assert run_deploy("down", "--yes").out == "there is nothing of recsys in us-east-1\n"


def test_down_asks_for_the_name_of_the_stack(run_deploy, is_up, monkeypatch):
    assert "There is no terminal to answer on: add --yes" in run_deploy("down").err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "yes")
    done = run_deploy("down")
    assert done.err == "error: stopped: nothing was changed\n"
    assert f"bucket             {is_up['Bucket']}" in done.out
    assert outputs() == is_up


def test_down_keeps_a_snapshot_where_it_is_asked_to(run_deploy, is_up):
    snapshot_as_cloudformation_does(is_up)
    done = run_deploy("down", "--yes", "--keep-snapshot")
    assert done.status == 0, done
    assert "but database snapshot  last" in done.out
    assert len(boto3.client("rds").describe_db_snapshots()["DBSnapshots"]) == 1
    left = run_deploy("status")
    assert left.status == 0
    assert left.out.startswith("database snapshot  last")
    assert run_deploy("down", "--yes").status == 0
    assert boto3.client("rds").describe_db_snapshots()["DBSnapshots"] == []


def snapshot_as_cloudformation_does(is_up):
    """DeletionPolicy: Snapshot is beyond moto's CloudFormation."""
    boto3.client("rds").create_db_snapshot(
        DBInstanceIdentifier=is_up["DatabaseInstance"], DBSnapshotIdentifier="last",
        Tags=[{"Key": "movie-recommendations", "Value": "recsys"}],
    )  # fmt: skip


@pytest.mark.parametrize("operation", ["DeleteObjects", "RevokeSecurityGroupIngress",
                                       "DeleteStack", "DeleteDBSnapshot"])  # fmt: skip
def test_down_that_was_interrupted_goes_on(run_deploy, is_up, interrupt_after, operation):
    snapshot_as_cloudformation_does(is_up)
    interrupt_after(operation)
    assert run_deploy("down", "--yes").status == 130
    assert run_deploy("down", "--yes").status == 0
    assert run_deploy("status").out == "there is nothing of recsys in us-east-1\n"


def test_down_names_what_would_not_go(run_deploy, is_up, monkeypatch):
    monkeypatch.setattr("aws_deployment.resources.teardown._delete_snapshots", lambda _: None)
    snapshot_as_cloudformation_does(is_up)
    done = run_deploy("down", "--yes")
    assert done.status == 1
    assert "this still exists and may cost money:\n  database snapshot  last" in done.err


def test_a_stack_that_took_our_name_is_not_deleted_with_our_snapshot(run_deploy, is_up):
    snapshot_as_cloudformation_does(is_up)
    assert run_deploy("down", "--yes", "--keep-snapshot").status == 0
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    boto3.client("cloudformation").create_stack(StackName="recsys", TemplateBody=template)
    done = run_deploy("down", "--yes")
    assert done.status == 1
    assert "a stack named recsys exists and is not ours" in done.err
    assert resources() == {"Queue"}


def test_the_stack_of_another_region_is_left_alone(run_deploy, is_up):
    publish_ubuntu("us-west-2")
    assert run_deploy("--region", "us-west-2", "up", "--yes").status == 0
    assert run_deploy("--region", "us-west-2", "down", "--yes").status == 0
    assert outputs() == is_up
    assert boto3.client("s3").list_objects_v2(Bucket=is_up["Bucket"])["KeyCount"] == 1
