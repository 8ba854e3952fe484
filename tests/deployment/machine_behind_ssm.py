"""A machine behind moto's SSM: what it is sent is run by bash, systemd is stood in for."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from moto.ssm.models import Command

from aws_deployment.resources import remote

SYSTEMCTL = """\
#!/bin/sh
[ -e {machine}/active ] || {{ [ -e {machine}/pid ] && kill -0 "$(cat {machine}/pid)" 2>/dev/null; }}
"""
SYSTEMD_RUN = """\
#!/bin/bash
while [ "${{1#--}}" != "$1" ]; do shift; done
if [ -e {machine}/says ]; then
  cp {machine}/says {machine}/setup/output; cp {machine}/status {machine}/setup/status; exit
fi
"$@" </dev/null >/dev/null 2>&1 &
echo $! >{machine}/pid
"""


@dataclass
class SiteMachine:
    """`says` is what a set-up prints; without it the script is run for real."""

    folder: Path
    loses: int = 0
    """So many commands get no answer, as when the agent is replaced."""

    def says(self, text: str, status: int = 0) -> None:
        (self.folder / "says").write_text(text)
        (self.folder / "status").write_text(f"{status}\n")

    def runs_for_real(self) -> None:
        (self.folder / "says").unlink()

    def is_at_work(self, name: str) -> None:
        """A set-up of this name is under way, started by an `up` that was interrupted."""
        (self.folder / "setup").mkdir()
        (self.folder / "setup" / "name").write_text(f"{name}\n")
        (self.folder / "setup" / "output").write_text("half of it\nand a li")
        (self.folder / "active").touch()

    def ends(self, status: int = 0) -> None:
        (self.folder / "setup" / "output").write_text("half of it\nand a line\n")
        (self.folder / "setup" / "status").write_text(f"{status}\n")
        (self.folder / "active").unlink()

    @property
    def script(self) -> str:
        return (self.folder / "setup" / "script").read_text()


def put_behind_ssm(monkeypatch, folder: Path) -> SiteMachine:
    machine = SiteMachine(folder)
    machine.says("changed: 1 in all\n")
    (folder / "bin").mkdir()
    for name, text in {"systemctl": SYSTEMCTL, "systemd-run": SYSTEMD_RUN}.items():
        (folder / "bin" / name).write_text(text.format(machine=folder))
        (folder / "bin" / name).chmod(0o755)
    monkeypatch.setattr(remote, "FOLDER", str(folder / "setup"))

    def respond(command: Command, instance_id: str, plugin_name: str) -> dict[str, object]:
        answer = {"CommandId": command.command_id, "InstanceId": instance_id,
                  "PluginName": plugin_name}  # fmt: skip
        if machine.loses:
            machine.loses -= 1
            return answer | {"Status": "Terminated"}
        done = subprocess.run(
            ["bash", "-c", "\n".join(command.parameters["commands"])],
            env={"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return answer | {
            "Status": "Failed" if done.returncode else "Success",
            "StandardOutputContent": done.stdout,
            "StandardErrorContent": done.stderr,
        }

    monkeypatch.setattr(Command, "invocation_response", respond)
    return machine
