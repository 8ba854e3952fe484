"""The site's machine: send it the code, run ec2_setup.sh on it, and check the site's health.

The machine reads the database's password itself, so nothing secret passes through here.
"""

import hashlib
import json
import shlex
import subprocess
import tempfile
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.config import Config

from aws_deployment import ROOT
from aws_deployment.account import Account
from aws_deployment.errors import DeployError
from aws_deployment.resources import remote
from aws_deployment.upload import upload_file
from aws_deployment.waiting import say, until
from spark_jobs.revision import git_revision

# cloud-init exits with 2 for mere warnings, which are not a reason to stop.
FIRST_START_IS_OVER = "cloud-init status --wait >/dev/null 2>&1 || true"
SECONDS_TO_FETCH = 3600
SECONDS_TO_ANSWER = 10
HOW_LONG = "3 to 10 minutes the first time, then 1 or 2"


def set_up(account: Account, outputs: dict[str, str], options: str) -> str:
    """Deploy the checkout's revision to the machine. Return the revision.

    A set-up in progress, from an interrupted `up`, is followed to its end first.
    """
    start_machine(account, outputs["SiteInstance"])
    revision = git_revision(ROOT)
    bundle = upload_bundle(account, outputs["Bucket"], revision)
    name = hashlib.sha256(f"{revision} {options}".encode()).hexdigest()[:12]
    host = remote.Host(account.client("ssm"), outputs["SiteInstance"])
    say(f"setting up the site on {host.instance}: {HOW_LONG}")
    while remote.start(host, name, setup_script(bundle, options)) != name:
        say("another set-up is in progress: following that one first")
        with suppress(DeployError):
            remote.follow(host, _tell)
    remote.follow(host, _tell)
    return revision.removesuffix("-dirty")


def _tell(line: str) -> None:
    say(f"  {line}")


def upload_bundle(account: Account, bucket: str, revision: str) -> str:
    """Upload git's history as one file. Return an address that is valid for an hour."""
    if revision == "unknown":
        raise DeployError(f"{ROOT} is not a git checkout: get the project with `git clone`")
    if _git("rev-parse", "--is-shallow-repository") == "true":
        raise DeployError("this checkout lacks its history: git fetch --unshallow")
    if revision.endswith("-dirty"):
        say("what is not committed is not deployed")
    key = f"site/{revision.removesuffix('-dirty')}.bundle"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "site.bundle"
        _git("bundle", "create", "--quiet", str(path), "HEAD")
        upload_file(account.client("s3"), bucket, key, path)
    # The regional address: the global one redirects while a bucket is new.
    regional = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    address: str = account.session.client("s3", config=regional).generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=SECONDS_TO_FETCH
    )
    return address


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def setup_options(
    stack: str,
    outputs: dict[str, str],
    passwords: dict[str, str],
    domain: str | None,
    email: str | None,
) -> str:
    """The options of ec2_setup.sh. `passwords`: output that names a secret -> its reference."""
    options = [
        f"--db-host {outputs['DatabaseHost']}",
        f"--db-port {outputs['DatabasePort']}",
        f"--db-name {outputs['DatabaseName']}",
        f"--db-secret {passwords['SiteSecret']}",
        f"--db-admin-secret {passwords['DatabaseSecret']}",
        f"--db-job-secret {passwords['JobSecret']}",
        f"--host {outputs['SiteAddress']}",
    ]
    if "NotifyTopic" in outputs:
        options += [f"--stack {stack}"]
    if domain:
        options += [f"--domain {shlex.quote(domain)}", f"--email {shlex.quote(email or '')}"]
    return " ".join(options)


def setup_script(bundle: str, options: str) -> str:
    """What the machine runs as root: fetch the bundle, unpack it and run its script."""
    return "\n".join([
        "set -eu",
        FIRST_START_IS_OVER,
        "export DEBIAN_FRONTEND=noninteractive",
        "command -v git >/dev/null && command -v curl >/dev/null ||",
        "{ apt-get -qq update && apt-get -qq install -y git curl >/dev/null; }",
        f"curl --fail --silent --show-error --output /root/site.bundle '{bundle}'",
        "rm -rf /root/checkout",
        "git clone --quiet /root/site.bundle /root/checkout",
        f"/root/checkout/aws_deployment/ec2_setup.sh --upgrade HEAD {options}",
    ])  # fmt: skip


def start_machine(account: Account, instance: str) -> None:
    """Start the machine, which a Learner Lab stops at the end of a session."""
    ec2 = account.client("ec2")
    (found,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"]
    if found["State"]["Name"] in ("stopped", "stopping"):
        say(f"the site's machine {instance} is {found['State']['Name']}: starting it")
        ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance])
        ec2.start_instances(InstanceIds=[instance])


def require_answer(url: str) -> dict[str, Any]:
    """The site's health. DeployError if it is not well after a minute of polling."""
    answer: dict[str, Any] = {}

    def look() -> bool | None:
        answer.clear()
        answer.update(health(url))
        return True if "run" in answer or answer.get("reason") == "no_run" else None

    try:
        until(look, what="an answer", minutes=1, every=5)
    except DeployError:
        raise DeployError(
            f"{url} was set up, but is not well: {answer.get('reason', answer)}. Its name must "
            "resolve to the machine, and the machine be running (`bin/deploy status`); then run "
            "`bin/deploy up` again"
        ) from None
    return answer


def health(url: str) -> dict[str, Any]:
    """The site's /health/; `reason` if it does not answer at all."""
    try:
        with urllib.request.urlopen(f"{url}health/", timeout=SECONDS_TO_ANSWER) as answer:  # noqa: S310
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        return _problem(error)
    except (OSError, ValueError) as error:
        return {"reason": f"the site does not answer ({getattr(error, 'reason', error)})"}


def _problem(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        return dict(json.load(error))
    except ValueError:
        return {"status": error.code, "reason": error.reason}


def tell_health(answer: dict[str, Any]) -> None:
    reason = f"{answer.get('reason', answer.get('status'))}: {answer.get('detail', '')}".rstrip(
        ": "
    )
    state = f"ok, run {answer['run']['id']}" if "run" in answer else reason
    say(f"health             {state}")
