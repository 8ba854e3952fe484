"""bin/deploy check, and what it says of an account that cannot be used."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3

from tests.deployment.conftest import make_lab_roles
from tests.support import aws

EXPIRED = b"""<ErrorResponse><Error><Code>ExpiredToken</Code>
<Message>The security token included in the request is expired</Message></Error></ErrorResponse>"""


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
    assert "emr-99.0.0 is not offered in us-east-1: choose with --release" in done.out


def test_check_asks_emr_which_types_its_release_runs_on(run_deploy, requests):
    done = run_deploy("check", "--instance-type", "t3.large")
    assert done.status == 1
    assert "PROBLEM EMR release: emr-spark-8.1.0 does not run on t3.large" in done.out
    asked = [arguments for name, arguments in requests if name == "ListSupportedInstanceTypes"]
    assert asked[0] == {"ReleaseLabel": "emr-spark-8.1.0"}


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
    assert done.err == ("error: no region is set: use --region us-east-1, or run `aws configure`\n")


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
