"""The whole deployment from one command line: bin/deploy COMMAND.

Nothing is remembered on this machine: what there is in the account, under the stack's name and
tag, is the state. So every command can be interrupted and given again.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from aws_deployment import ROOT, checks, costs, learner_lab, upload, versions
from aws_deployment.account import Account, explain
from aws_deployment.arguments import build_parser
from aws_deployment.emr import (
    artifacts,
    cluster,
    commands,
    data,
    follow,
    logs,
    request,
    schedule,
    step,
)
from aws_deployment.errors import DeployError
from aws_deployment.resources import alarms, inventory, preview, site, stack, teardown
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
    findings = checks.check(account, lab=lab, shape=shape)
    for finding in findings:
        say(str(finding))
    say("\n`bin/deploy up` would create a network, a bucket, a database, a machine, their roles")
    say("and an address. That costs about:")
    _show_estimate()
    checks.raise_problems(findings)


def up(account: Account, options: argparse.Namespace) -> None:
    if bool(options.domain) != bool(options.email):
        raise DeployError("--domain and --email go together: the certificate needs both")
    parameters = _parameters(account, options)
    if options.preview:
        _preview(account, options, parameters)
        return
    if stack.ours(account) is None:
        say(f"this creates the stack {account.stack} in {account.region}. It costs about:")
        _show_estimate()
        confirm("Create it?", answer="yes", yes=options.yes)
    stack.create_or_update(account, parameters, at_first=lambda: _zones(account, options))
    outputs = stack.outputs(account)
    if _is_lab(account, options):
        learner_lab.share_password(account, outputs)
    password = learner_lab.password_reference(account, outputs)
    words = site.setup_options(account.stack, outputs, password, options.domain, options.email)
    revision = site.set_up(account, outputs, words)
    if options.notify:
        say(f"{options.notify} gets a mail with a link to confirm: without that no alarm arrives")
    say(f"the site runs revision {revision}: {outputs['SiteUrl']}")
    _show_health(site.require_answer(outputs["SiteUrl"]))


def _preview(account: Account, options: argparse.Namespace, parameters: dict[str, str]) -> None:
    found = stack.ours(account)
    if found:
        preview.show(account, stack.merged(account, found, parameters), is_new=False)
    else:
        preview.show(account, _zones(account, options) | parameters, is_new=True)


def upload_data(account: Account, options: argparse.Namespace) -> None:
    address = upload.upload_data(account, stack.outputs(account)["Bucket"], options.folder)
    say(f"the data are at {address}")
    say(f"next: bin/deploy run --input {address.rpartition('/')[2]}")


def run(account: Account, options: argparse.Namespace) -> None:
    outputs = stack.outputs(account)
    words, shape = _job(account, outputs, options)
    if options.show_commands:
        _show_commands(account, outputs, options, shape, words)
        return
    if started := cluster.unfinished(account):
        say(f"cluster {started.cluster} is at work: following it instead of starting another")
    else:
        made = artifacts.upload_artifacts(account, outputs["Bucket"], options.certificates)
        started = cluster.start(account, outputs, made, shape, words)
    follow.follow(account, started, outputs["Bucket"])
    say("published:")
    _show_health(site.health(outputs["SiteUrl"]))


def _show_commands(
    account: Account,
    outputs: dict[str, str],
    options: argparse.Namespace,
    shape: request.Shape,
    words: list[str],
) -> None:
    """The files are made beside the checkout's own, in var/, for the commands to send."""
    folder = ROOT / "var" / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    files = artifacts.build(account, folder, options.certificates)
    for line in commands.upload_commands(files, outputs["Bucket"]):
        say(line)
    made = artifacts.addresses(outputs["Bucket"])
    say(commands.create_cluster(request.run_job_flow(account, outputs, made, shape, words)))


def schedule_runs(account: Account, options: argparse.Namespace) -> None:
    outputs = stack.outputs(account)
    if "ScheduleGroup" not in outputs:
        raise DeployError(schedule.NOT_IN_A_LAB)
    if options.at == "off":
        say("no more" if schedule.remove(account, outputs) else "there was none")
    elif options.at:
        words, shape = _job(account, outputs, options)
        made = artifacts.addresses(outputs["Bucket"])
        asked = request.run_job_flow(account, outputs, made, shape, words)
        schedule.put(account, outputs, schedule.Schedule(options.at, options.timezone), asked)
        say(f"{shape}")
    say(f"nightly run        {schedule.find(account, outputs) or 'none'}")


def _job(
    account: Account, outputs: dict[str, str], options: argparse.Namespace
) -> tuple[list[str], request.Shape]:
    """The job's words and the cluster for it, checked: a mistake costs a line here, and ten minutes
    on a cluster.
    """
    password = learner_lab.password_reference(account, outputs)
    words = step.job_words(outputs, password, options.input, options.job)
    parse_options([*words, "--dry-run"])
    bytes_of_data = data.size(account, outputs["Bucket"], options.input)
    lab = learner_lab.is_of_a_lab(outputs)
    return words, _shape(options, lab=lab, workers=data.workers_for(bytes_of_data))


def status(account: Account, _options: argparse.Namespace) -> None:
    things = inventory.find(account)
    for thing in things:
        say(str(thing))
    if not things:
        say(f"there is nothing of {account.stack} in {account.region}")
    if stack.ours(account) is None:
        return
    outputs = stack.outputs(account)
    say(f"site               {outputs['SiteUrl']}")
    _show_health(site.health(outputs["SiteUrl"]))
    for line in alarms.lines(account, outputs):
        say(line)
    if nightly := schedule.find(account, outputs):
        say(f"nightly run        {nightly}")
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
    for line in costs.table():
        say(line)


def _show_health(told: dict[str, Any]) -> None:
    reason = f"{told.get('reason', told.get('status'))}: {told.get('detail', '')}".rstrip(": ")
    state = f"ok, run {told['run']['id']}" if "run" in told else reason
    say(f"health             {state}")


def _is_lab(account: Account, options: argparse.Namespace) -> bool:
    return options.learner_lab or account.is_learner_lab


def _shape(options: argparse.Namespace, *, lab: bool, workers: int = 0) -> request.Shape:
    """What was asked for; `workers` where nothing was said of them."""
    if lab:
        learner_lab.refuse(options.instance_type, spot=options.spot)
    release = options.release or (versions.LAB_RELEASE if lab else versions.RELEASE).label
    asked = workers if options.workers is None else options.workers
    keep_alive = getattr(options, "keep_alive", None)
    return request.Shape(release, options.instance_type, asked, keep_alive, options.spot)


def _zones(account: Account, options: argparse.Namespace) -> dict[str, str]:
    """In another zone the database would be a new one, without the data."""
    wanted = {dict(options.parameter).get("SiteSize", checks.SITE_TYPE), cluster.INSTANCE_TYPE}
    zones = stack.zones_with(account, wanted)
    if len(zones) < 2:
        raise DeployError(checks.TOO_FEW_ZONES.format(account.region, " and ".join(sorted(wanted))))
    return {"Zones": ",".join(zones[:2])}


def _parameters(account: Account, options: argparse.Namespace) -> dict[str, str]:
    """The template's parameters as far as they were given; the others keep their values."""
    given = dict(learner_lab.EXISTING_ROLES) if _is_lab(account, options) else {}
    if options.notify:
        given["NotifyEmail"] = options.notify
    if options.domain:
        given["Domain"] = options.domain
    return given | dict(options.parameter)


COMMANDS: dict[str, Callable[[Account, argparse.Namespace], None]] = {
    "check": check,
    "up": up,
    "upload": upload_data,
    "run": run,
    "schedule": schedule_runs,
    "status": status,
    "logs": show_logs,
    "cost": cost,
    "down": down,
}

if __name__ == "__main__":
    sys.exit(main())
