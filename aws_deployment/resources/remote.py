"""Run a script on a machine through SSM, which needs no open port and no key.

On Ubuntu the SSM agent is a snap: it may refresh soon after boot, and whatever it runs ends with
it. So the script is a transient systemd unit, and an SSM command only starts or polls it, for
seconds. A lost poll is repeated, even by another `up`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from aws_deployment.errors import DeployError
from aws_deployment.waiting import until

UNIT = "recsys-setup"
FOLDER = "/root/recsys-setup"
MINUTES_TO_BOOT, MINUTES = 10, 40
SECONDS_PER_COMMAND = 120
LOST = ("Cancelled", "Cancelling", "TimedOut", "Undeliverable", "Terminated", "DeliveryTimedOut")
UNDER_WAY = ("Pending", "InProgress", "Delayed")

START = """\
set -eu
umask 077
if systemctl --quiet is-active {unit}; then cat {folder}/name; exit; fi
rm -rf {folder}
mkdir {folder}
echo {name} >{folder}/name
cat >{folder}/script <<'END_OF_SCRIPT'
{script}
END_OF_SCRIPT
systemd-run --quiet --collect --unit={unit} --setenv=HOME=/root bash -c \\
  'cd {folder}; bash script >output 2>&1; echo $? >status.new; mv status.new status'
echo {name}
"""
LOOK = """\
cd {folder}
state() {{
  if [ -e status ]; then cat status
  elif systemctl --quiet is-active {unit}; then echo running
  else return 1; fi
}}
state || {{ sleep 1; state; }} || echo gone
tail -n +{line} output 2>/dev/null || true
"""


@dataclass(frozen=True)
class Host:
    """A machine known to SSM."""

    ssm: Any
    instance: str


def start(host: Host, name: str, script: str) -> str:
    """Start the script under a name, unless one is running. Return the name of the running one."""
    command = START.format(unit=UNIT, folder=FOLDER, name=name, script=script)
    return until(
        lambda: _output_of(host, command), what="the machine", minutes=MINUTES_TO_BOOT
    ).strip()


def follow(host: Host, tell: Callable[[str], None]) -> None:
    """Report what the script prints until it ends. DeployError with its last line if it failed."""
    reported: list[str] = []

    def look() -> str | None:
        command = LOOK.format(unit=UNIT, folder=FOLDER, line=len(reported) + 1)
        state, _, printed = (_output_of(host, command) or "running\n").partition("\n")
        lines = printed.splitlines(keepends=True)
        for line in (line for line in lines if line.endswith("\n") or state != "running"):
            reported.append(line.rstrip())
            tell(reported[-1])
        return state if state != "running" else None

    state = until(look, what="the set-up", minutes=MINUTES)
    if state == "gone":
        raise DeployError(
            "the set-up of the site was cut off, perhaps by a restart of the machine: run "
            "`bin/deploy up` again"
        )
    if state != "0":
        last = next((line for line in reversed(reported) if line), "no output")
        raise DeployError(
            f"the set-up of the site failed: {last} (the full output is on the machine, in "
            f"{FOLDER}/output and /var/log/recsys/setup.log)"
        )


def _output_of(host: Host, command: str) -> str | None:
    """The output of a short command; None if the machine did not answer."""
    sent = _send(host, command)
    if sent is None:
        return None
    try:
        answer: dict[str, Any] = until(
            lambda: _answer(host, sent), what="SSM", minutes=2 * SECONDS_PER_COMMAND / 60, every=2
        )
    except DeployError:
        return None  # an agent being replaced may leave a command unfinished
    if answer["Status"] in LOST:
        return None
    if answer["Status"] != "Success":
        raise DeployError(
            f"the machine refused a command: {answer['StandardErrorContent'].strip()[-1000:]}"
        )
    return str(answer["StandardOutputContent"])


def _send(host: Host, command: str) -> str | None:
    """The command's id; None while the machine has not reported to SSM yet."""
    try:
        sent: dict[str, dict[str, str]] = host.ssm.send_command(
            InstanceIds=[host.instance],
            DocumentName="AWS-RunShellScript",
            Comment="set up the site",
            TimeoutSeconds=SECONDS_PER_COMMAND,
            Parameters={
                "commands": command.splitlines(),
                "executionTimeout": [str(SECONDS_PER_COMMAND)],
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "InvalidInstanceId":
            return None
        raise
    return sent["Command"]["CommandId"]


def _answer(host: Host, command: str) -> dict[str, Any] | None:
    try:
        answer = host.ssm.get_command_invocation(CommandId=command, InstanceId=host.instance)
    except ClientError as error:
        if error.response["Error"]["Code"] == "InvocationDoesNotExist":
            return None  # SSM knows it a second later
        raise
    return None if answer["Status"] in UNDER_WAY else answer
