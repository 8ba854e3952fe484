"""bin/deploy against moto's AWS: what it creates, finds again, and takes away."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest

from aws_deployment import costs, site
from aws_deployment.account import Account
from tests import aws
from tests.deployment.conftest import backend
from tests.deployment.moto_resources import publish_ubuntu

EXPIRED = b"""<ErrorResponse><Error><Code>ExpiredToken</Code>
<Message>The security token included in the request is expired</Message></Error></ErrorResponse>"""


def resources(stack="recsys"):
    found = boto3.client("cloudformation").list_stack_resources(StackName=stack)
    return {one["LogicalResourceId"] for one in found["StackResourceSummaries"]}


def outputs(stack="recsys"):
    (found,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {item["OutputKey"]: item["OutputValue"] for item in found["Outputs"]}


def make_lab_roles():
    iam = boto3.client("iam")
    for role in ("LabRole", "EMR_EC2_DefaultRole", "EMR_DefaultRole"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    for name, role in {"LabInstanceProfile": "LabRole"}.items() | {("EMR_EC2_DefaultRole",) * 2}:
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)


@pytest.fixture
def is_up(run_deploy):
    assert run_deploy("up", "--yes").status == 0
    return outputs()


# check


def test_check_finds_nothing_wrong_with_an_empty_account_and_creates_nothing(run_deploy):
    done = run_deploy("check")
    assert done.status == 0, done
    assert "PROBLEM" not in done.out
    assert "a week" in done.out
    assert boto3.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_check_looks_for_the_roles_of_a_learner_lab(run_deploy):
    done = run_deploy("--learner-lab", "check")
    assert done.status == 1
    assert re.search("PROBLEM +roles: GetInstanceProfile: .*LabInstanceProfile", done.out)
    make_lab_roles()
    done = run_deploy("--learner-lab", "check")
    assert done.status == 0
    assert "emr-7.13.0" in done.out


def test_check_refuses_a_region_that_a_learner_lab_has_not(run_deploy):
    done = run_deploy("--learner-lab", "--region", "eu-west-1", "check")
    assert done.status == 1
    assert "a Learner Lab works in us-east-1 and us-west-2 only" in done.out


def test_check_names_a_release_that_does_not_exist(run_deploy):
    done = run_deploy("check", "--release", "emr-99.0.0")
    assert done.status == 1
    assert "emr-99.0.0 is not offered in us-east-1: choose one with --release" in done.out


# Errors of an account


def test_without_credentials_the_remedy_is_told(run_deploy, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    done = run_deploy("status")
    assert done.status == 1
    assert done.err.startswith("error: no AWS credentials were found: sign in again (`aws sso")


def test_without_a_region_the_remedy_is_told(run_deploy, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    done = run_deploy("status")
    assert done.err == (
        "error: no region is chosen: say --region us-east-1, or run `aws configure`\n"
    )


def test_an_unknown_profile_is_named(run_deploy):
    done = run_deploy("--profile", "nobody", "status")
    assert done.status == 1
    assert "nobody" in done.err


def test_expired_credentials_are_told_as_such(run_deploy, monkeypatch):
    class Expired(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(403)
            self.end_headers()
            self.wfile.write(EXPIRED)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Expired)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    done = run_deploy("up", "--yes")
    server.shutdown()
    server.server_close()
    assert done.status == 1
    assert done.err.startswith("error: the credentials have expired: sign in again")


def test_a_missing_right_is_named(run_deploy, monkeypatch, cloud):
    iam = boto3.client("iam")
    iam.create_user(UserName="reader")
    allowed = {
        "Effect": "Allow",
        "Action": ["cloudformation:Describe*", "ec2:Describe*"],
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    aws.post(cloud, "reset-auth", "0")
    try:
        done = run_deploy("up", "--yes")
    finally:
        aws.post(cloud, "reset-auth", str(10**9))
    assert done.status == 1
    assert "error: you may not call CreateStack: " in done.err
    assert "Ask the account's administrator" in done.err


# up


def test_up_creates_the_stack_and_sets_the_site_up_through_ssm(is_up):
    assert {"Bucket", "Database", "SiteInstance", "SiteAddress"} <= resources()
    (command,) = boto3.client("ssm").list_commands()["Commands"]
    script = "\n".join(command["Parameters"]["commands"])
    assert command["InstanceIds"] == [is_up["SiteInstance"]]
    assert f"--db-secret secretsmanager:{is_up['DatabaseSecret']}" in script
    assert f"--host {is_up['SiteAddress']}" in script
    (bundle,) = boto3.client("s3").list_objects_v2(Bucket=is_up["Bucket"])["Contents"]
    assert bundle["Key"] in script


def test_up_asks_before_it_creates_what_costs_money(run_deploy, monkeypatch):
    done = run_deploy("up")
    assert done.status == 1
    assert "Nobody is there to answer: add --yes" in done.err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "no")
    assert run_deploy("up").err == "error: stopped: nothing was changed\n"
    assert boto3.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_up_again_changes_nothing_of_the_stack(run_deploy, is_up, calls):
    done = run_deploy("up", "--yes")
    assert done.status == 0
    assert "the stack is as the template says: nothing to change" in done.out
    assert not {"CreateStack", "UpdateStack"} & set(calls)
    assert outputs() == is_up


def test_an_update_keeps_the_other_parameters_and_the_machine(run_deploy, is_up, monkeypatch):
    given = []  # moto cannot carry this update out

    def update(cloudformation, name, parameters, **_):
        given.append({item["ParameterKey"]: item["ParameterValue"] for item in parameters})
        return cloudformation.get_stack(name)

    monkeypatch.setattr(type(backend("cloudformation")), "update_stack", update)
    assert run_deploy("up", "--yes", "--parameter", "BackupDays=3").status == 0
    (machine,) = boto3.client("ec2").describe_instances()["Reservations"][0]["Instances"]
    assert given[0]["BackupDays"] == "3"
    assert given[0]["BudgetUsd"] == "40"
    assert given[0]["SiteImage"] == machine["ImageId"]


@pytest.mark.parametrize("operation", ["CreateStack", "DescribeInstances", "PutObject",
                                       "SendCommand"])  # fmt: skip
def test_up_that_was_interrupted_goes_on(run_deploy, interrupt_after, operation):
    interrupt_after(operation)
    done = run_deploy("up", "--yes")
    assert done.status == 130
    assert "give the same command again and it goes on" in done.out
    done = run_deploy("up", "--yes")
    assert done.status == 0, done
    assert len(boto3.client("cloudformation").list_stacks()["StackSummaries"]) == 1


def test_up_waits_for_a_creation_that_is_under_way(run_deploy, is_up, clock):
    (stack,) = backend("cloudformation").stacks.values()
    stack.status = "CREATE_IN_PROGRESS"
    clock.events = [lambda: setattr(stack, "status", "CREATE_COMPLETE")]
    done = run_deploy("up", "--yes")
    assert done.status == 0
    assert "the stack is CREATE_IN_PROGRESS already: waiting for the end of that" in done.out


def test_up_clears_a_failed_attempt_away_first(run_deploy, is_up):
    (stack,) = backend("cloudformation").stacks.values()
    stack.status = "ROLLBACK_COMPLETE"
    done = run_deploy("up", "--yes")
    assert done.status == 0
    assert "an earlier attempt failed (ROLLBACK_COMPLETE): its remains are deleted" in done.out
    assert outputs()["SiteInstance"] != is_up["SiteInstance"]


def test_a_creation_that_never_ends_is_given_up_with_a_remedy(run_deploy, is_up):
    (stack,) = backend("cloudformation").stacks.values()
    stack.status = "CREATE_IN_PROGRESS"
    done = run_deploy("up", "--yes")
    assert done.status == 1
    assert "not after 45 minutes. Run the same command again to go on waiting" in done.err


def test_a_stack_of_somebody_else_is_left_alone(run_deploy):
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    boto3.client("cloudformation").create_stack(StackName="recsys", TemplateBody=template)
    done = run_deploy("up", "--yes")
    assert done.status == 1
    assert "a stack named recsys exists and is not ours: choose another name" in done.err
    assert "PROBLEM what is there: a stack named recsys" in run_deploy("check").out
    assert run_deploy("down", "--yes").out == "there is nothing of recsys in us-east-1\n"
    assert resources() == {"Queue"}


def test_two_stacks_live_side_by_side(run_deploy, is_up):
    assert run_deploy("--stack", "second", "up", "--yes").status == 0
    assert run_deploy("--stack", "second", "down", "--yes").status == 0
    assert outputs() == is_up


def test_a_learner_lab_gets_its_own_roles(run_deploy):
    make_lab_roles()
    assert run_deploy("--learner-lab", "up", "--yes").status == 0
    assert outputs()["EmrServiceRole"] == "EMR_DefaultRole"
    assert outputs()["EmrProfile"] == "EMR_EC2_DefaultRole"
    assert not any("Role" in name for name in resources())


def test_a_machine_that_was_stopped_is_started(run_deploy, is_up):
    ec2 = boto3.client("ec2")
    ec2.stop_instances(InstanceIds=[is_up["SiteInstance"]])
    assert run_deploy("up", "--yes").status == 0
    (found,) = ec2.describe_instances(InstanceIds=[is_up["SiteInstance"]])["Reservations"]
    assert found["Instances"][0]["State"]["Name"] == "running"


def test_a_set_up_that_failed_shows_what_the_machine_said(run_deploy, is_up, monkeypatch):
    monkeypatch.setattr("moto.ssm.models.Command.invocation_response", failed_invocation)
    done = run_deploy("up", "--yes")
    assert done.status == 1
    assert "error: the set-up of the site is Failed: error: no such ref" in done.err


def failed_invocation(self, instance_id, plugin_name):
    return {
        "CommandId": self.command_id,
        "InstanceId": instance_id,
        "Status": "Failed",
        "PluginName": plugin_name,
        "StandardOutputContent": "",
        "StandardErrorContent": "error: no such ref",
    }


@pytest.mark.parametrize("words", [["up", "--domain", "movies.example.org"],
                                   ["up", "--email", "me@example.org"]])  # fmt: skip
def test_domain_and_email_go_together(run_deploy, words):
    done = run_deploy(*words)
    assert done.err == ("error: --domain and --email go together: the certificate needs both\n")


@pytest.mark.parametrize("name", ["Recsys", "1st", "under_score", "a" * 21, "a_"])
def test_a_name_that_no_bucket_can_have_is_refused(run_deploy, name, capsys):
    with pytest.raises(SystemExit) as stopped:
        run_deploy("--stack", name, "status")
    assert stopped.value.code == 2
    assert "a bucket is named after it" in capsys.readouterr().err


# status and cost


def test_status_of_nothing(run_deploy):
    assert run_deploy("status").out == "there is nothing of recsys in us-east-1\n"


def test_status_lists_what_costs_money(run_deploy, is_up):
    out = run_deploy("status").out
    for kind in ("stack", "EC2 instance", "IPv4 address", "database", "bucket", "secret", "VPC"):
        assert re.search(rf"^{kind} ", out, re.MULTILINE), kind
    assert f"http://{is_up['SiteAddress']}/" in out


def test_a_week_costs_less_than_ten_dollars_and_the_table_adds_up(run_deploy):
    out = run_deploy("cost").out
    *lines, total = (float(figure) for figure in re.findall(r"\$ *([\d.]+)$", out, re.MULTILINE))
    assert sum(lines) == pytest.approx(total, abs=0.02)
    assert total < 10
    assert costs.PRICES["date"] in out


def test_with_serverless_a_week_costs_less_than_ten_dollars_too():
    assert sum(line.dollars for line in costs.estimate(serverless=True)) < 10


def test_cost_shows_what_was_billed(run_deploy, cloud):
    day = {"Groups": [{"Keys": ["Amazon RDS"], "Metrics": {"UnblendedCost": {"Amount": "0.4"}}}]}
    answer = {"results": [{"ResultsByTime": [day, day], "DimensionValueAttributes": []}]}
    aws.post(cloud, "static/ce/cost-and-usage-results", json.dumps(answer))
    out = run_deploy("cost", "--actual").out
    assert re.search(r"Amazon RDS +\$ +0\.80", out)


def test_without_billed_figures_it_says_how_to_get_them(run_deploy):
    assert "activate the tag movie-recommendations" in run_deploy("cost", "--actual").out


# down


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
    assert "Nobody is there to answer: add --yes" in run_deploy("down").err
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
    run_deploy("down", "--yes")
    assert run_deploy("status").out == "there is nothing of recsys in us-east-1\n"


def test_down_names_what_would_not_go(run_deploy, is_up, monkeypatch):
    monkeypatch.setattr("aws_deployment.teardown._delete_snapshots", lambda _: None)
    snapshot_as_cloudformation_does(is_up)
    done = run_deploy("down", "--yes")
    assert done.status == 1
    assert "this is still there and may cost money:\n  database snapshot  last" in done.err


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


def test_the_bundle_is_fetched_from_the_region_of_the_bucket(monkeypatch, tmp_path):
    monkeypatch.setattr("aws_deployment.site.upload_file", lambda *_: None)
    account = Account(boto3.Session("a", "b", region_name="us-west-2"), "recsys")
    address = site.upload_bundle(account, "bucket", "revision")
    assert address.startswith("https://s3.us-west-2.amazonaws.com/bucket/site/revision.bundle?")
