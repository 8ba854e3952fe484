"""A machine in a folder: a fresh system by debootstrap, and a stand-in for systemd.

Everything in it is real but for systemd and certbot, which `Supervisor` stands in for: it records
what it is told and does what matters here (it holds the socket, runs gunicorn and nginx).
"""

import fcntl
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.mariadb import free_port
from tests.support.targets import ROOT

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CHECKOUT = "/root/checkout"
START_SECONDS = 60
needs_machine = [
    pytest.mark.skipif(os.geteuid() != 0, reason="test_machine_parts.py runs it by sudo"),
    pytest.mark.skipif(not shutil.which("debootstrap"), reason="bin/test installs debootstrap"),
]
# Registries may be behind a proxy or a mirror that only this machine's own settings name.
HOST_SETTINGS = re.compile(r"(?i)PIP_\w+|\w+_proxy|SSL_CERT_FILE|REQUESTS_CA_BUNDLE")
STAND_IN = """\
#!/usr/bin/python3
import json, socket, sys
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect("/run/stand-in")
    connection.sendall(json.dumps(sys.argv).encode() + b"\\n")
    sys.exit(json.loads(connection.makefile().readline()))
"""


@dataclass
class Machine:
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        return self.folder / name.lstrip("/")

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["chroot", str(self.folder), *command],
            env={"PATH": SYSTEM_PATH, "HOME": "/root"} | self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def set_up(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run(f"{CHECKOUT}/aws_deployment/ec2_setup.sh", *arguments, **environment)


def fresh_machine(folder: Path) -> Machine:
    subprocess.run(["tar", "-xf", _pristine(), "-C", folder], check=True)
    machine = Machine(folder)
    # Packages would start their services, on the ports of the machine that runs this test.
    _script(machine.path("/usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n")
    shared_memory = machine.path("/dev/shm")  # noqa: S108
    shared_memory.mkdir(exist_ok=True)
    shared_memory.chmod(0o1777)
    shutil.copy("/etc/resolv.conf", machine.path("/etc/resolv.conf"))
    told = _output("apt-config", "dump", "Acquire")
    machine.path("/etc/apt/apt.conf.d/99host").write_text(told)
    machine.path("/root/host").mkdir()
    names = filter(HOST_SETTINGS.fullmatch, os.environ)
    machine.environment = {name: _brought(machine, name, os.environ[name]) for name in names}
    _put_pip_settings(machine)
    return machine


def _pristine() -> Path:
    """A system with nothing in it, the same distribution as here; made once and kept."""
    release = Path("/etc/os-release").read_text()
    codename = re.findall(r"VERSION_CODENAME=(\w+)", release)[0]
    archive = ROOT / "var" / f"pristine-{codename}.tar"
    archive.parent.mkdir(exist_ok=True)
    with archive.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests of several processes need one
        if not archive.exists():
            _make_pristine(archive, codename, is_ubuntu="\nID=ubuntu" in release)
    return archive


def _make_pristine(archive: Path, codename: str, *, is_ubuntu: bool) -> None:
    folder = archive.with_suffix(".new")
    subprocess.run(["rm", "-rf", folder], check=True)
    parts = "main,universe" if is_ubuntu else "main"
    command = ["debootstrap", "--variant=minbase", f"--components={parts}", codename]
    done = subprocess.run(
        [*command, folder, _mirror(codename)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1]
        pytest.skip(f"debootstrap cannot make a machine here: {last}")
    subprocess.run(["tar", "-cf", f"{archive}.new", "-C", folder, "."], check=True)
    subprocess.run(["rm", "-rf", folder], check=True)
    Path(f"{archive}.new").rename(archive)


def _mirror(codename: str) -> str:
    """Where apt of this machine gets the distribution from."""
    known = _output("apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)")
    return next(line.split()[1] for line in known.splitlines() if line.split()[0] == codename)


def _brought(machine: Machine, name: str, value: str) -> str:
    """The value of a setting; a file or folder that it names comes along."""
    if not value.startswith("/") or not Path(value).exists():
        return value
    copy = machine.path("/root/host") / name
    (shutil.copytree if Path(value).is_dir() else shutil.copy)(value, copy)
    return f"/root/host/{name}"


def _put_pip_settings(machine: Machine) -> None:
    lines = _output("pip", "config", "list").splitlines()
    pairs = dict(line.split("=", 1) for line in lines if line.startswith("global."))
    brought = {name: _brought(machine, name, value.strip("'")) for name, value in pairs.items()}
    text = "".join(f"{name.removeprefix('global.')} = {v}\n" for name, v in brought.items())
    machine.path("/etc/pip.conf").write_text(f"[global]\n{text}")


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


class Supervisor:
    """Stands in for systemctl and certbot on one machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.calls: list[str] = []
        self.units: set[str] = set()
        self.http, self.https = free_port(), free_port()
        self.gunicorn: subprocess.Popen | None = None
        self.nginx: subprocess.Popen | None = None
        self.listener: socket.socket | None = None
        self.ready = self._bound("/run/notify", socket.SOCK_DGRAM)
        self.orders = self._bound("/run/stand-in", socket.SOCK_STREAM)
        self.orders.listen()
        for name in ("systemctl", "certbot"):
            _script(machine.path(f"/usr/local/bin/stand-in-{name}"), STAND_IN)
            machine.environment[f"RECSYS_{name.upper()}"] = f"stand-in-{name}"
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self.orders.close()
        self._stop("recsys.service")
        if self.nginx:
            self.nginx.terminate()
            self.nginx.wait(timeout=30)

    def _bound(self, name: str, kind: socket.SocketKind) -> socket.socket:
        bound = socket.socket(socket.AF_UNIX, kind)
        path = self.machine.path(name)
        path.unlink(missing_ok=True)
        bound.bind(str(path))
        path.chmod(0o666)
        return bound

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.orders.accept()
                with connection:
                    words = json.loads(connection.makefile().readline())
                    connection.sendall(f"{self._obey(words)}\n".encode())

    def _obey(self, words: list[str]) -> int:
        """The exit status of one call."""
        name, verb, *rest = [words[0].rpartition("stand-in-")[2], *words[1:]]
        self.calls.append(" ".join([name, verb, *rest]))
        if name == "certbot":
            return self._certify(rest)
        units = [word for word in rest if not word.startswith("--")]
        if verb in ("is-enabled", "is-active"):
            return 0 if set(units) <= self.units else 3
        if verb in ("enable", "reload", "reload-or-restart"):
            return max(self._start(unit) for unit in units)
        if verb in ("stop", "disable", "restart"):
            for unit in units:
                self._stop(unit)
        return self._start(units[0]) if verb == "restart" else 0

    def _start(self, unit: str) -> int:
        """The exit status; of units that matter to nobody here only the name is kept."""
        runs: dict[str, Callable[[], int]] = {
            "recsys.socket": self._hold,
            "recsys.service": self._serve,
            "nginx.service": self.front,
        }
        failed = runs[unit]() if unit in runs else 0
        if not failed:
            self.units.add(unit)
        return failed

    def _stop(self, unit: str) -> int:
        self.units.discard(unit)
        if unit == "recsys.service" and self.gunicorn:
            self.gunicorn.terminate()
            self.gunicorn.wait(timeout=60)
            self.gunicorn = None
        return 0

    def _hold(self) -> int:
        """Socket activation: the socket outlives every gunicorn."""
        if not self.listener:
            self.machine.path("/run/recsys").mkdir(exist_ok=True)
            self.listener = self._bound("/run/recsys/gunicorn.sock", socket.SOCK_STREAM)
            self.listener.listen(1024)
            unit = self.machine.path("/etc/systemd/system/recsys.socket").read_text()
            group = re.findall(r"^SocketGroup=(.*)", unit, re.M)[0]
            self.machine.run("chown", f"root:{group}", "/run/recsys/gunicorn.sock")
            self.machine.run("chmod", "0660", "/run/recsys/gunicorn.sock")
        return 0

    def _serve(self) -> int:
        """The very command of the unit, as its user, with the socket handed over."""
        if self.gunicorn and self.gunicorn.poll() is None:
            return 0
        assert self.listener
        unit = self.machine.path("/etc/systemd/system/recsys.service").read_text()
        unit = unit.replace("\\\n", " ")
        settings = dict(re.findall(r"^(User|WorkingDirectory|ExecStart)=(.*)", unit, re.MULTILINE))
        handed = self.listener.fileno()
        script = f'cd "$1"; shift; exec 3<&{handed}; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"'
        environment = dict(
            line.split("=", 1) for line in re.findall(r"^Environment=(.*)", unit, re.M)
        )
        self.gunicorn = subprocess.Popen(
            ["chroot", f"--userspec={settings['User']}:{settings['User']}", self.machine.folder,
             "bash", "-c", script, "-", settings["WorkingDirectory"],
             *shlex.split(settings["ExecStart"])],
            env={"PATH": SYSTEM_PATH, "NOTIFY_SOCKET": "/run/notify"} | environment,
            pass_fds=[handed],
            stderr=self.machine.path("/var/log/gunicorn.log").open("ab"),
        )  # fmt: skip
        return self._wait_until_ready(self.gunicorn)

    def _wait_until_ready(self, process: subprocess.Popen) -> int:
        self.ready.settimeout(0.1)
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(TimeoutError):
                if b"READY=1" in self.ready.recv(4096):
                    return 0
        return 1

    def front(self) -> int:
        """nginx with the very configuration; only the ports are free ones."""
        own = self.machine.path("/etc/nginx/conf.d/recsys.conf").read_text()
        for port, free in (("80", self.http), ("443", self.https)):
            own = own.replace(f"listen {port} ", f"listen 127.0.0.1:{free} ")
            own = own.replace(f"listen [::]:{port} ", f"listen [::1]:{free} ")
        self.machine.path("/etc/nginx/ports.d").mkdir(exist_ok=True)
        self.machine.path("/etc/nginx/ports.d/recsys.conf").write_text(own)
        main = self.machine.path("/etc/nginx/nginx.conf").read_text()
        main = main.replace("/etc/nginx/conf.d/", "/etc/nginx/ports.d/")
        self.machine.path("/etc/nginx/ports.conf").write_text(main)
        command = ["chroot", str(self.machine.folder), "nginx", "-c", "/etc/nginx/ports.conf"]
        if self.nginx:
            return subprocess.run([*command, "-s", "reload"], check=False).returncode
        self.nginx = subprocess.Popen([*command, "-g", "daemon off;"])
        return 0

    def _certify(self, words: list[str]) -> int:
        domain = words[words.index("--domain") + 1]
        folder = self.machine.path(f"/etc/letsencrypt/live/{domain}")
        folder.mkdir(parents=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", f"/CN={domain}",
             "-addext", f"subjectAltName=DNS:{domain}",
             "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        return 0
