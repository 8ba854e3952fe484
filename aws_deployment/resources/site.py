"""The site's machine: brings the code there and runs ec2_setup.sh on it, through SSM.

SSM needs no open port and no key. The machine reads the database's password by itself, so
nothing secret passes through here.
"""

import json
import shlex
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from aws_deployment import ROOT
from aws_deployment.account import Account
from aws_deployment.errors import DeployError
from aws_deployment.upload import upload_file
from aws_deployment.waiting import say, until
from spark_jobs.revision import git_revision

# cloud-init says 2 where something in it was not perfect: that need not stop anybody.
FIRST_START_IS_OVER = "cloud-init status --wait >/dev/null 2>&1 || true"
SECONDS_TO_FETCH = 3600
MINUTES_TO_BOOT, MINUTES_TO_SET_UP = 10, 30
SECONDS_TO_ANSWER = 10


def set_up(account: Account, outputs: dict[str, str], domain: str | None, email: str | None) -> str:
    """Bring the checkout's revision to the machine and make it the site. Returns the revision."""
    _start_machine(account, outputs["SiteInstance"])
    revision = git_revision(ROOT)
    bundle = upload_bundle(account, outputs["Bucket"], revision)
    commands = setup_commands(bundle, outputs, domain, email)
    _run(account, outputs["SiteInstance"], commands)
    return revision.removesuffix("-dirty")


def upload_bundle(account: Account, bucket: str, revision: str) -> str:
    """All of git's history as one file in the bucket. Returns an address good for an hour."""
    if revision == "unknown":
        raise DeployError(f"{ROOT} is not a git checkout: get the project by `git clone`")
    if _git("rev-parse", "--is-shallow-repository") == "true":
        raise DeployError("this checkout lacks its history: git fetch --unshallow")
    if revision.endswith("-dirty"):
        say("what is not committed is not deployed")
    key = f"site/{revision.removesuffix('-dirty')}.bundle"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "site.bundle"
        _git("bundle", "create", "--quiet", str(path), "HEAD")
        upload_file(account.client("s3"), bucket, key, path)
    # The address of the region: the global one redirects while a bucket is new.
    regional = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    address: str = account.session.client("s3", config=regional).generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=SECONDS_TO_FETCH
    )
    return address


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def setup_commands(
    bundle: str, outputs: dict[str, str], domain: str | None, email: str | None
) -> list[str]:
    """What the machine runs as root: fetch the bundle, unpack it and hand over to its script."""
    options = [
        f"--db-host {outputs['DatabaseHost']}",
        f"--db-port {outputs['DatabasePort']}",
        f"--db-name {outputs['DatabaseName']}",
        f"--db-secret secretsmanager:{outputs['DatabaseSecret']}",
        f"--host {outputs['SiteAddress']}",
    ]
    if domain:
        options += [f"--domain {shlex.quote(domain)}", f"--email {shlex.quote(email or '')}"]
    return [
        "set -eu",
        FIRST_START_IS_OVER,
        "export DEBIAN_FRONTEND=noninteractive",
        "command -v git >/dev/null && command -v curl >/dev/null ||",
        "{ apt-get -qq update && apt-get -qq install -y git curl >/dev/null; }",
        f"curl --fail --silent --show-error --output /root/site.bundle '{bundle}'",
        "rm -rf /root/checkout",
        "git clone --quiet /root/site.bundle /root/checkout",
        f"/root/checkout/aws_deployment/ec2_setup.sh --upgrade HEAD {' '.join(options)}",
    ]


def _start_machine(account: Account, instance: str) -> None:
    """A Learner Lab stops its machines at the end of a session."""
    ec2 = account.client("ec2")
    (found,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"]
    if found["State"]["Name"] in ("stopped", "stopping"):
        say(f"the site's machine {instance} is {found['State']['Name']}: starting it")
        ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance])
        ec2.start_instances(InstanceIds=[instance])


def _run(account: Account, instance: str, commands: list[str]) -> None:
    ssm = account.client("ssm")
    say(f"setting up the site on {instance}: about 5 minutes the first time, 1 later")
    command = until(
        lambda: _send(ssm, instance, commands), what="the machine", minutes=MINUTES_TO_BOOT
    )
    answer = until(
        lambda: _answer(ssm, command, instance), what="the set-up", minutes=MINUTES_TO_SET_UP
    )
    for line in answer["StandardOutputContent"].splitlines():
        say(f"  {line}")
    if answer["Status"] != "Success":
        raise DeployError(
            f"the set-up of the site is {answer['Status']}: "
            f"{answer['StandardErrorContent'].strip()[-1000:]} (all of it is on the machine, in "
            "/var/log/recsys/setup.log)"
        )


def _send(ssm: Any, instance: str, commands: list[str]) -> str | None:
    """The command's id; None while the machine has not reported to SSM yet."""
    try:
        sent: dict[str, dict[str, str]] = ssm.send_command(
            InstanceIds=[instance],
            DocumentName="AWS-RunShellScript",
            Comment="set up the site",
            Parameters={
                "commands": commands,
                "executionTimeout": [str(MINUTES_TO_SET_UP * 60)],
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "InvalidInstanceId":
            return None
        raise
    return sent["Command"]["CommandId"]


def _answer(ssm: Any, command: str, instance: str) -> dict[str, Any] | None:
    try:
        answer = ssm.get_command_invocation(CommandId=command, InstanceId=instance)
    except ClientError as error:
        if error.response["Error"]["Code"] == "InvocationDoesNotExist":
            return None  # SSM knows it a second later
        raise
    return None if answer["Status"] in ("Pending", "InProgress", "Delayed") else answer


def health(address: str) -> dict[str, Any]:
    """What the site's /health/ says; `reason` where it does not answer at all."""
    try:
        with urllib.request.urlopen(
            f"http://{address}/health/", timeout=SECONDS_TO_ANSWER
        ) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        return _problem(error)
    except OSError as error:
        return {"reason": f"the site does not answer ({getattr(error, 'reason', error)})"}


def _problem(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        return dict(json.load(error))
    except ValueError:
        return {"status": error.code, "reason": error.reason}
