"""The whole deployment from one command line: bin/deploy COMMAND.

Nothing is stored on this machine: what exists in the account, under the stack's name and tag, is
the state. So every command can be interrupted and repeated.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from aws_deployment import checks, costs, learner_lab, runs, upload
from aws_deployment.account import Account, explain
from aws_deployment.arguments import build_parser
from aws_deployment.emr import cluster, follow, logs, schedule
from aws_deployment.errors import DeployError
from aws_deployment.resources import (
    alarms,
    credits,
    inventory,
    power,
    preview,
    restore,
    site,
    stack,
    teardown,
)
from aws_deployment.waiting import confirm, say


def main(words: list[str] | None = None) -> int:
    """Run a command. Return 0 on success, 1 for an error with its remedy, 130 if interrupted."""
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
        say("\ninterrupted: run the same command again to continue. What was started in the")
        say("account goes on by itself; `bin/deploy status` shows it")
        return 130
    return 0


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


def check(account: Account, options: argparse.Namespace) -> None:
    lab = _is_lab(account, options)
    shape = runs.shape_of(options, lab=lab)
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
        learner_lab.share_passwords(account, outputs)
    passwords = {
        name: learner_lab.password_reference(account, outputs, name) for name in learner_lab.READERS
    }
    words = site.setup_options(account.stack, outputs, passwords, options.domain, options.email)
    with credits.unlimited(account, outputs["SiteInstance"]):
        revision = site.set_up(account, outputs, words)
    if schedule.renew_password(account, outputs, passwords["JobSecret"]):
        say("from now on the nightly run uses the database as the job's own user")
    if options.notify:
        say(f"{options.notify} gets a mail with a link to confirm: without that no alarm arrives")
    say(f"the site runs revision {revision}: {outputs['SiteUrl']}")
    site.tell_health(site.require_answer(outputs["SiteUrl"]))


def _preview(account: Account, options: argparse.Namespace, parameters: dict[str, str]) -> None:
    found = stack.ours(account)
    if found:
        preview.show(account, stack.merged(account, found, parameters), is_new=False)
    else:
        preview.show(account, _zones(account, options) | parameters, is_new=True)


def upload_data(account: Account, options: argparse.Namespace) -> None:
    address = upload.upload_data(account, stack.outputs(account)["Bucket"], options.folder)
    say(f"the data set is at {address}")
    say(f"next: bin/deploy run --input {address.rpartition('/')[2]}")


def status(account: Account, _options: argparse.Namespace) -> None:
    things = inventory.find(account)
    for thing in things:
        say(str(thing))
    if not things:
        say(f"there is nothing of {account.stack} in {account.region}")
    if stack.ours(account) is None:
        return
    outputs = stack.outputs(account)
    if credits.is_unlimited(account, outputs["SiteInstance"]):
        say(credits.LEFT_ON)
    say(f"site               {outputs['SiteUrl']}")
    site.tell_health(site.health(outputs["SiteUrl"]))
    for line in alarms.lines(account, outputs):
        say(line)
    if nightly := schedule.find(account, outputs):
        say(f"nightly run        {nightly}")
    if started := cluster.unfinished(account):
        say(f"a run is in progress on {started.cluster}: `bin/deploy run` follows it")


def pause(account: Account, _options: argparse.Namespace) -> None:
    power.pause(account, stack.outputs(account))


def resume(account: Account, _options: argparse.Namespace) -> None:
    outputs = stack.outputs(account)
    power.resume(account, outputs)
    site.tell_health(site.require_answer(outputs["SiteUrl"]))


def restore_database(account: Account, options: argparse.Namespace) -> None:
    outputs = stack.outputs(account)
    moment = f"{options.to:%Y-%m-%d %H:%M} UTC" if options.to else "the latest backup"
    say(f"the database is restored to {moment}; the site is down for 10 to 30 minutes")
    confirm("Later changes are lost.", answer=account.stack, yes=options.yes)
    aside = restore.restore(account, outputs["DatabaseInstance"], options.to)
    site.tell_health(site.require_answer(outputs["SiteUrl"]))
    restore.tell_of_the_old(aside)


def show_logs(account: Account, options: argparse.Namespace) -> None:
    bucket = stack.outputs(account)["Bucket"]
    found = options.cluster or cluster.newest(account, [*cluster.ALIVE, *follow.ENDED])
    if found is None:
        raise DeployError("there has been no cluster yet: `bin/deploy run` starts one")
    step = cluster.newest_step(account, found) or "none"
    texts = logs.read(account, bucket, logs.of_step(found, step)) or logs.read(
        account, bucket, logs.of_nodes(found)
    )
    if texts is None:
        raise DeployError(f"no log of {found} in the bucket yet: logs arrive some minutes late")
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


def _is_lab(account: Account, options: argparse.Namespace) -> bool:
    return options.learner_lab or account.is_learner_lab


def _zones(account: Account, options: argparse.Namespace) -> dict[str, str]:
    """Choose zones only once: in another zone the database would be a new, empty one."""
    wanted = {dict(options.parameter).get("SiteSize", checks.SITE_TYPE), cluster.INSTANCE_TYPE}
    zones = stack.zones_with(account, wanted)
    if len(zones) < 2:
        raise DeployError(checks.TOO_FEW_ZONES.format(account.region, " and ".join(sorted(wanted))))
    return {"Zones": ",".join(zones[:2])}


def _parameters(account: Account, options: argparse.Namespace) -> dict[str, str]:
    """The given parameters of the template; the others keep their values."""
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
    "run": runs.run,
    "schedule": runs.schedule_runs,
    "status": status,
    "pause": pause,
    "resume": resume,
    "restore": restore_database,
    "logs": show_logs,
    "cost": cost,
    "down": down,
}

if __name__ == "__main__":
    sys.exit(main())
