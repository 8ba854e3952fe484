"""The command line of the deployment."""

import argparse
import re
import shlex
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from zoneinfo import available_timezones

from aws_deployment import versions
from aws_deployment.emr import cluster
from aws_deployment.resources.restore import read_moment

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/deploy",
        description="Deploy to AWS, run the job there, and take everything down again.",
        allow_abbrev=False,
    )
    parser.add_argument("--region", help="default: that of the AWS configuration")
    parser.add_argument("--profile", help="of ~/.aws/config")
    parser.add_argument("--stack", default="recsys", metavar="NAME", type=_name,
        help="name of the stack and of everything in it (default: recsys)")  # fmt: skip
    parser.add_argument("--learner-lab", action="store_true",
        help="AWS Academy: use the existing roles (usually detected)")  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_check(commands)
    _add_up(commands)
    _add_upload(commands)
    _add_run(commands)
    _add_schedule(commands)
    _add_others(commands)
    return parser


def _add_check(commands: Commands) -> None:
    parser = commands.add_parser(
        "check", help="check what the account allows, and what it will cost"
    )
    _add_shape(parser)


def _add_up(commands: Commands) -> None:
    parser = commands.add_parser("up", help="create or update everything that stays")
    parser.add_argument("--domain", help="a name that points to the site: TLS by Let's Encrypt")
    parser.add_argument("--email", help="for the certificate of --domain")
    parser.add_argument(
        "--notify", metavar="EMAIL", help="whom to mail when it gets expensive or fails"
    )
    parser.add_argument("--parameter", action="append", default=[], type=_pair,
        metavar="NAME=VALUE", help="a parameter of template.yaml (repeatable)")  # fmt: skip
    parser.add_argument("--preview", action="store_true",
        help="only show what it would change in the account")  # fmt: skip
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _add_upload(commands: Commands) -> None:
    parser = commands.add_parser("upload", help="upload a data set to the bucket")
    parser.add_argument("folder", type=Path, help="the folder with movies and ratings")


def _add_run(commands: Commands) -> None:
    parser = commands.add_parser(
        "run", help="run the job on a cluster that terminates by itself",
        epilog="What follows -- goes to the job, e.g. bin/deploy run -- --min-ratings 20",
    )  # fmt: skip
    _add_input(parser)
    parser.add_argument("--keep-alive", type=_minutes, metavar="MINUTES",
        help="let the cluster wait that long for another run (1 to 10080)")  # fmt: skip
    parser.add_argument("--show-commands", action="store_true",
        help="only print what it would do, as `aws` commands")  # fmt: skip
    parser.add_argument("--certificates", metavar="ADDRESS",
        help="PEM bundle to verify the database with (default: that of RDS)")  # fmt: skip
    parser.add_argument("job", nargs="*", help=argparse.SUPPRESS)
    _add_shape(parser)


def _add_schedule(commands: Commands) -> None:
    parser = commands.add_parser(
        "schedule", help="run the job every night, or show the schedule",
        epilog="e.g. bin/deploy schedule 03:00 --timezone Asia/Shanghai --job '--min-ratings 20'",
    )  # fmt: skip
    parser.add_argument("at", nargs="?", type=_time, metavar="HH:MM", help="when, or: off")
    parser.add_argument("--timezone", default="UTC", type=_timezone, metavar="ZONE",
        help="time zone of that time, e.g. Asia/Shanghai (default: UTC)")  # fmt: skip
    _add_input(parser)
    parser.add_argument("--job", default=[], type=shlex.split, metavar="'OPTIONS'",
        help="options of the job, in quotes")  # fmt: skip
    _add_shape(parser)


def _add_input(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--input", default="ml-latest-small", metavar="NAME",
        help="the uploaded data set (default: ml-latest-small)")  # fmt: skip


def _add_others(commands: Commands) -> None:
    commands.add_parser("status", help="show what exists and how it is")
    commands.add_parser(
        "pause", help="stop the database (AWS restarts it after 7 days) and the machine"
    )
    commands.add_parser("resume", help="start both again")
    of_restore = commands.add_parser("restore", help="restore the database to a point in time")
    of_restore.add_argument("--to", required=True, type=_moment, metavar="TIME",
        help="e.g. 2026-11-22T08:00, in UTC; or: latest")  # fmt: skip
    of_restore.add_argument("--yes", action="store_true", help="do not ask")
    of_logs = commands.add_parser("logs", help="show the log of the last run")
    of_logs.add_argument("--cluster", metavar="ID", help="the log of this cluster instead")
    of_cost = commands.add_parser("cost", help="show what a week costs")
    of_cost.add_argument("--actual", action="store_true",
        help="also show what was billed; AWS charges $0.01 for that")  # fmt: skip
    of_down = commands.add_parser("down", help="delete everything and verify that it is gone")
    of_down.add_argument(
        "--keep-snapshot", action="store_true", help="keep a last database snapshot"
    )
    of_down.add_argument("--yes", action="store_true", help="do not ask")


def _add_shape(parser: argparse.ArgumentParser) -> None:
    release, of_a_lab = versions.RELEASE.label, versions.LAB_RELEASE.label
    parser.add_argument("--release", metavar="LABEL",
        help=f"EMR release (default: {release}; lab: {of_a_lab})")  # fmt: skip
    parser.add_argument("--instance-type", default=cluster.INSTANCE_TYPE, metavar="TYPE",
        help=f"type of primary and core nodes (default: {cluster.INSTANCE_TYPE})")  # fmt: skip
    parser.add_argument("--workers", type=int, choices=range(8), metavar="N",
        help="core nodes, 0 (a single node) to 7 (default: by the size of the data)")  # fmt: skip
    parser.add_argument("--spot", action="store_true",
        help="use Spot core nodes; AWS may terminate them, and the run")  # fmt: skip


def _name(text: str) -> str:
    if not (text.replace("-", "").isalnum() and text.isascii() and text == text.lower()
            and text[0].isalpha() and len(text) <= 20):  # fmt: skip
        raise argparse.ArgumentTypeError(
            f"{text!r}: up to 20 of a-z, 0-9 and -, a letter first (a bucket is named after it)"
        )
    return text


def _time(text: str) -> str:
    if text != "off" and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a time such as 03:00 nor off")
    return text


def _timezone(text: str) -> str:
    if text not in available_timezones():
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time zone, such as UTC or Europe/Berlin"
        )
    return text


def _moment(text: str) -> datetime | None:
    try:
        return read_moment(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a time such as 2026-11-22T08:00 nor latest"
        ) from None


def _minutes(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 10080:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes from 1 to 10080")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
