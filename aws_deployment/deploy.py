"""The whole deployment from one command line: bin/deploy COMMAND.

Nothing is remembered on this machine: what there is in the account, under the stack's name and
tag, is the state. So every command can be interrupted and given again.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from aws_deployment import checks, costs, upload
from aws_deployment.account import Account, explain
from aws_deployment.arguments import build_parser
from aws_deployment.emr import artifacts, cluster, follow, logs
from aws_deployment.errors import DeployError
from aws_deployment.resources import inventory, site, stack, teardown
from aws_deployment.waiting import confirm, say
from spark_jobs.options import parse_options


def main(words: list[str] | None = None) -> int:
    """The exit status: 0 done, 1 an error with its remedy, 130 interrupted."""
    options = build_parser().parse_args(words)
    try:
        session = boto3.Session(region_name=options.region, profile_name=options.profile)
        COMMANDS[options.command](Account(session, options.stack), options)
    except DeployError as error:
        return _fail(str(error))
    except (ClientError, BotoCoreError) as error:
        return _fail(explain(error))
    except (OSError, subprocess.SubprocessError) as error:
        return _fail(f"{error}: fix that and run the same command again")
    except KeyboardInterrupt:
        say("\ninterrupted: give the same command again and it goes on. What was started in the")
        say("account goes on by itself; `bin/deploy status` shows it")
        return 130
    return 0


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


def check(account: Account, options: argparse.Namespace) -> None:
    lab = _is_lab(account, options)
    shape = _shape(options, lab=lab)
    findings = checks.check(account, learner_lab=lab, shape=shape)
    for finding in findings:
        say(str(finding))
    say("\n`bin/deploy up` would create a network, a bucket, a database, a machine, their roles")
    say("and an address. With a run a day that costs about:")
    _show_estimate()
    checks.raise_problems(findings)


def up(account: Account, options: argparse.Namespace) -> None:
    if bool(options.domain) != bool(options.email):
        raise DeployError("--domain and --email go together: the certificate needs both")
    parameters = _parameters(account, options)
    if stack.ours(account) is None:
        say(f"this creates the stack {account.stack} in {account.region}. It costs about:")
        _show_estimate()
        confirm("Create it?", answer="yes", yes=options.yes)
    stack.create_or_update(account, parameters, at_first=lambda: _zones(account))
    outputs = stack.outputs(account)
    revision = site.set_up(account, outputs, options.domain, options.email)
    say(f"the site runs revision {revision}: http://{options.domain or outputs['SiteAddress']}/")
    _show_health(outputs)


def upload_data(account: Account, options: argparse.Namespace) -> None:
    address = upload.upload_data(account, stack.outputs(account)["Bucket"], options.folder)
    say(f"the data are at {address}")
    say(f"next: bin/deploy run --input {address.rpartition('/')[2]}")


def run(account: Account, options: argparse.Namespace) -> None:
    outputs = stack.outputs(account)
    job = ["--input", f"s3://{outputs['Bucket']}/data/{options.input}", *options.job]
    parse_options([*job, "--dry-run"])  # a mistake costs a line here, ten minutes on a cluster
    _run_on_cluster(account, options, outputs, job)
    say("published:")
    _show_health(outputs)


def _run_on_cluster(
    account: Account, options: argparse.Namespace, outputs: dict[str, str], job: list[str]
) -> None:
    if started := cluster.unfinished(account):
        say(f"cluster {started.cluster} is at work: following it instead of starting another")
    else:
        made = artifacts.upload_artifacts(account, outputs["Bucket"], options.certificates)
        # As the stack was made: --learner-lab need not be said again.
        lab = outputs["EmrServiceRole"] == stack.EXISTING_ROLES["ExistingEmrServiceRole"]
        started = cluster.start(account, outputs, made, _shape(options, lab=lab), job)
    follow.follow(account, started, outputs["Bucket"])


def status(account: Account, _options: argparse.Namespace) -> None:
    things = inventory.find(account)
    for thing in things:
        say(str(thing))
    if not things:
        say(f"there is nothing of {account.stack} in {account.region}")
    if stack.ours(account) is None:
        return
    outputs = stack.outputs(account)
    say(f"site               http://{outputs['SiteAddress']}/")
    _show_health(outputs)
    if started := cluster.unfinished(account):
        say(f"a run is under way on {started.cluster}: `bin/deploy run` follows it")


def show_logs(account: Account, options: argparse.Namespace) -> None:
    bucket = stack.outputs(account)["Bucket"]
    found = options.cluster or cluster.newest(account, [*cluster.ALIVE, *follow.ENDED])
    if found is None:
        raise DeployError("there was no cluster yet: `bin/deploy run` starts one")
    step = cluster.newest_step(account, found) or "none"
    texts = logs.read(account, bucket, logs.of_step(found, step)) or logs.read(
        account, bucket, logs.of_nodes(found)
    )
    if texts is None:
        raise DeployError(f"no log of {found} in the bucket yet: they arrive some minutes late")
    for key, text in texts.items():
        say(f"== {key}\n{text.rstrip()}\n")


def cost(account: Account, options: argparse.Namespace) -> None:
    _show_estimate()
    if options.actual:
        say("Billed by AWS, by its Cost Explorer:")
        for line in costs.actual(account):
            say(line)


def down(account: Account, options: argparse.Namespace) -> None:
    teardown.tear_down(account, keep_snapshot=options.keep_snapshot, yes=options.yes)


def _show_estimate() -> None:
    for line in costs.table(costs.estimate()):
        say(line)


def _show_health(outputs: dict[str, str]) -> None:
    told = site.health(outputs["SiteAddress"])
    reason = f"{told.get('reason', told.get('status'))}: {told.get('detail', '')}".rstrip(": ")
    state = f"ok, run {told['run']['id']}" if "run" in told else reason
    say(f"health             {state}")


def _is_lab(account: Account, options: argparse.Namespace) -> bool:
    return options.learner_lab or account.is_learner_lab


def _shape(options: argparse.Namespace, *, lab: bool) -> cluster.Shape:
    release = options.release or (cluster.LAB_RELEASE if lab else cluster.RELEASE)
    return cluster.Shape(
        release, options.instance_type, options.workers, getattr(options, "keep_alive", None)
    )


def _zones(account: Account) -> dict[str, str]:
    """In another zone the database would be a new one, without the data."""
    zones = stack.zones_with(account, {checks.SITE_TYPE, cluster.INSTANCE_TYPE})
    return {"Zones": ",".join(zones[:2])} if len(zones) >= 2 else {}


def _parameters(account: Account, options: argparse.Namespace) -> dict[str, str]:
    """The template's parameters as far as they were given; the others keep their values."""
    given = stack.parameters_of_a_lab(account) if _is_lab(account, options) else {}
    if options.budget_email:
        given["BudgetEmail"] = options.budget_email
    return given | dict(options.parameter)


COMMANDS: dict[str, Callable[[Account, argparse.Namespace], None]] = {
    "check": check,
    "up": up,
    "upload": upload_data,
    "run": run,
    "status": status,
    "logs": show_logs,
    "cost": cost,
    "down": down,
}

if __name__ == "__main__":
    sys.exit(main())
