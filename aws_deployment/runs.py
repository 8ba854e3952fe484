"""`bin/deploy run` and `schedule`: the same job on the same cluster, now or every night."""

import argparse

from aws_deployment import ROOT, learner_lab, versions
from aws_deployment.account import Account
from aws_deployment.emr import artifacts, cluster, commands, data, follow, request, schedule, step
from aws_deployment.errors import DeployError
from aws_deployment.resources import power, site, stack
from aws_deployment.waiting import say
from spark_jobs.options import parse_options


def run(account: Account, options: argparse.Namespace) -> None:
    outputs = stack.outputs(account)
    words, shape = _job(account, outputs, options)
    if options.show_commands:
        _show_commands(account, outputs, options, shape, words)
        return
    power.require_database(account, outputs)
    if started := cluster.unfinished(account):
        say(f"cluster {started.cluster} is busy: following it instead of starting another")
    else:
        made = artifacts.upload_artifacts(account, outputs["Bucket"], options.certificates)
        started = cluster.start(account, outputs, made, shape, words)
    follow.follow(account, started, outputs["Bucket"])
    say("published:")
    site.tell_health(site.health(outputs["SiteUrl"]))


def _show_commands(
    account: Account,
    outputs: dict[str, str],
    options: argparse.Namespace,
    shape: request.Shape,
    words: list[str],
) -> None:
    """Print the commands; the files that they send are built in var/."""
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
    """The job's arguments and cluster, checked: a mistake costs a line here, and ten minutes on a
    cluster.
    """
    password = learner_lab.password_reference(account, outputs, "JobSecret")
    words = step.job_words(outputs, password, options.input, options.job)
    parse_options([*words, "--dry-run"])
    bytes_of_data = data.size(account, outputs["Bucket"], options.input)
    lab = learner_lab.is_of_a_lab(outputs)
    return words, shape_of(options, lab=lab, workers=data.workers_for(bytes_of_data))


def shape_of(options: argparse.Namespace, *, lab: bool, workers: int = 0) -> request.Shape:
    """The requested cluster; `workers` is the default number of core nodes."""
    if lab:
        learner_lab.refuse(options.instance_type, spot=options.spot)
    release = options.release or (versions.LAB_RELEASE if lab else versions.RELEASE).label
    asked = workers if options.workers is None else options.workers
    keep_alive = getattr(options, "keep_alive", None)
    return request.Shape(release, options.instance_type, asked, keep_alive, options.spot)
