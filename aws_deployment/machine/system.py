"""Changes to the machine: commands run, files written, and how to undo them."""

import grp
import os
import pwd
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

USER = "recsys"
MIGRATOR = "recsys-migrate"
"""Runs what knows the administrator's password, in processes closed to the site's user."""
LOG = Path("/var/log/recsys/setup.log")


class Refusal(Exception):
    """Something the operator can fix. The message is one line that says what and how."""


def run(
    command: Sequence[str | Path],
    *,
    step: str,
    remedy: str,
    cwd: Path | None = None,
    as_user: str = "",
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
    hidden: Sequence[str] = (),
    with_errors: bool = False,
) -> str:
    """Run a command and return its output. If it fails, log the output and raise Refusal.

    `hidden` are parts of `stdin` that must not be shown. `with_errors` also returns stderr, which
    may have advice.
    """
    identity = {"user": as_user, "group": as_user, "extra_groups": []} if as_user else {}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **environment} if environment is not None else None,
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **identity,  # type: ignore[call-overload]
    )
    if done.returncode:
        said = _masked(f"{done.stdout}\n{done.stderr}", environment or {}, hidden)
        _log(f"{step}\n{said}")
        raise Refusal(f"{step}: {telling_line(said)}; {remedy} (details: {LOG})")
    return f"{done.stdout}{done.stderr if with_errors else ''}"


def _masked(said: str, environment: Mapping[str, str], hidden: Sequence[str]) -> str:
    """Mask the settings that a failing version may have printed."""
    names = ("DB_PASSWORD", "SECRET_KEY", "METRICS_TOKEN")
    for secret in filter(None, [*hidden, *(environment.get(name) for name in names)]):
        said = said.replace(secret, "***")
    return said


def telling_line(said: str) -> str:
    """The most informative line of a failing command's output."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or [
        "it failed without output"
    ]
    for pattern in (r"\(\w+\.E\d{3}\)", r"(?i)^\S*(error|fatal|exception|emerg)\b"):
        if found := [line for line in lines if re.search(pattern, line)]:
            return found[-1].removeprefix("error: ")
    return lines[-1]


def _log(text: str) -> None:
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as log:
        log.write(f"{text.rstrip()}\n")


def system(name: str, *arguments: str, remedy: str = "see journalctl -xe") -> str:
    """Run systemctl, nginx or certbot."""
    return run([_program(name), *arguments], step=f"{name} {' '.join(arguments)}", remedy=remedy)


def holds(name: str, *arguments: str) -> bool:
    """Whether a query to systemctl succeeds."""
    done = subprocess.run([_program(name), *arguments], capture_output=True, check=False)
    return done.returncode == 0


def _program(name: str) -> str:
    """The program; RECSYS_SYSTEMCTL names a replacement for systemctl, and so on."""
    return os.environ.get(f"RECSYS_{name.upper()}", name)


def make_user(changes: "Changes", name: str) -> None:
    """Create a system user without password or shell; the site's owns nothing but secrets."""
    with suppress(KeyError):
        pwd.getpwnam(name)
        return
    run(
        ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/opt/recsys",
         "--shell", "/usr/sbin/nologin", name],
        step="useradd", remedy=f"create the system user {name} by hand",
    )  # fmt: skip
    changes.note(f"user {name}")


@dataclass(frozen=True)
class File:
    content: bytes
    mode: int
    owner: str
    group: str


class Changes:
    """The changes of this run, and how to undo each."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._ways_back: list[Callable[[], object]] = []

    def note(self, what: str) -> None:
        self.notes.append(what)
        print(f"changed: {what}", flush=True)

    def undo_with(self, way_back: Callable[[], object]) -> None:
        self._ways_back.append(way_back)

    def undo(self) -> None:
        """Undo everything, the latest first; a failure does not stop the rest."""
        while self._ways_back:
            try:
                self._ways_back.pop()()
            except (OSError, Refusal) as error:
                print(f"warning: could not undo a change: {error}", flush=True)

    def put(
        self, path: Path, content: str, *, mode: int = 0o644, owner: str = "root", group: str = ""
    ) -> bool:
        """Write the file atomically if it differs. Return whether it did."""
        wanted = File(content.encode(), mode, owner, group or owner)
        before = _look(path)
        if before == wanted:
            return False
        self.undo_with(lambda: _write(path, before) if before else path.unlink())
        _write(path, wanted)
        self.note(str(path))
        return True

    def folder(
        self, path: Path, *, mode: int = 0o755, owner: str = "root", group: str = ""
    ) -> None:
        """Create the folder, or fix its owner and mode."""
        new = not path.is_dir()
        path.mkdir(parents=True, exist_ok=True)
        if new or _ownership(path) != (mode, owner, group or owner):
            _own(path, mode, owner, group or owner)
            self.note(f"{path}/")

    def remove(self, path: Path) -> bool:
        """Remove a file or link. Return whether there was one."""
        if not path.is_symlink():
            return False
        target = path.readlink()
        self.undo_with(lambda: path.symlink_to(target))
        path.unlink()
        self.note(f"{path} removed")
        return True


def _look(path: Path) -> File | None:
    return File(path.read_bytes(), *_ownership(path)) if path.is_file() else None


def _ownership(path: Path) -> tuple[int, str, str]:
    status = path.stat()
    owner, group = pwd.getpwuid(status.st_uid).pw_name, grp.getgrgid(status.st_gid).gr_name
    return status.st_mode & 0o7777, owner, group


def _own(path: Path, mode: int, owner: str, group: str) -> None:
    os.chown(path, pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid)
    path.chmod(mode)


def _write(path: Path, file: File) -> None:
    """Write a private temporary file beside it first, then rename it in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(file.content)
        out.flush()
        os.fsync(out.fileno())
    _own(beside, file.mode, file.owner, file.group)
    beside.replace(path)
