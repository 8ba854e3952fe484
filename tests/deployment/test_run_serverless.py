"""bin/deploy run --serverless: what EMR Serverless is asked for, and how it is followed."""

import json

import boto3
import pytest

from aws_deployment.emr.serverless import stop
from tests.deployment.conftest import backend
from tests.deployment.emr import JOB_ERROR, put_log


@pytest.fixture
def serverless(is_up, monkeypatch):
    """A stack with the application, which moto's CloudFormation leaves out."""
    application = boto3.client("emr-serverless").create_application(
        name="recsys", releaseLabel="emr-6.6.0", type="SPARK"
    )
    backend("emr-serverless").job_runs[application["applicationId"]] = []
    role = {"ServerlessRole": "arn:aws:iam::123456789012:role/job"}
    found = is_up | role | {"ServerlessApplication": application["applicationId"]}
    monkeypatch.setattr("aws_deployment.resources.stack.outputs", lambda _: found)


def move_job(state):
    (application,) = backend("emr-serverless").applications
    (job,) = backend("emr-serverless").job_runs[application]
    job.state = state


def test_a_serverless_run_brings_its_packages_and_is_followed(
    run_deploy, serverless, clock, after, monkeypatch
):
    monkeypatch.setattr("aws_deployment.emr.serverless.node_requirements", lambda: ["six==1.17.0"])
    after("StartJobRun", lambda: move_job("SUBMITTED"))
    clock.events = [lambda: move_job("RUNNING"), lambda: move_job("SUCCESS")]
    done = run_deploy("run", "--serverless")
    assert done.status == 0, done
    assert "job RUNNING" in done.out
    (application,) = backend("emr-serverless").applications
    client = boto3.client("emr-serverless")
    (listed,) = client.list_job_runs(applicationId=application)["jobRuns"]
    job = client.get_job_run(applicationId=application, jobRunId=listed["id"])["jobRun"]
    submit = job["jobDriver"]["sparkSubmit"]
    words = submit["sparkSubmitParameters"].split()
    addresses = [word.partition("#")[0] for word in words if word.startswith("s3://")]
    assert len(addresses) == 4
    for address in addresses:
        bucket, _, key = address.removeprefix("s3://").partition("/")
        assert boto3.client("s3").head_object(Bucket=bucket, Key=key)["ContentLength"] > 0
    assert "password" not in json.dumps(submit).lower()


def test_a_serverless_run_needs_the_application(run_deploy, is_up):
    done = run_deploy("run", "--serverless")
    assert done.status == 1
    assert "the stack has no EMR Serverless: run `bin/deploy up --serverless` first" in done.err


def test_a_serverless_job_that_failed_shows_its_log(
    run_deploy, serverless, clock, after, monkeypatch
):
    monkeypatch.setattr("aws_deployment.emr.serverless.node_requirements", lambda: ["six==1.17.0"])
    after("StartJobRun", lambda: move_job("SUBMITTED"))
    clock.events = [lambda: move_job("FAILED"), lambda: put_serverless_log(f"{JOB_ERROR}\n")]
    done = run_deploy("run", "--serverless")
    assert done.status == 1
    assert f"From the log:\n  {JOB_ERROR}\n" in done.err


def put_serverless_log(text):
    (application,) = backend("emr-serverless").applications
    (job,) = backend("emr-serverless").job_runs[application]
    prefix = f"logs/serverless/applications/{application}/jobs/{job.id}"
    put_log(f"{prefix}/SPARK_DRIVER/stderr.gz", text)


def test_a_serverless_job_under_way_is_ended_before_its_application(
    run_deploy, serverless, account, interrupt_after, monkeypatch
):
    monkeypatch.setattr("aws_deployment.emr.serverless.node_requirements", lambda: ["six==1.17.0"])
    interrupt_after("StartJobRun")
    assert run_deploy("run", "--serverless").status == 130
    move_job("RUNNING")
    (application,) = backend("emr-serverless").applications
    stop(account, application)
    (job,) = backend("emr-serverless").job_runs[application]
    assert job.state == "CANCELLED"
    assert backend("emr-serverless").applications[application].state == "STOPPED"
