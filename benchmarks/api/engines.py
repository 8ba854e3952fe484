"""What `bin/bench api` compares: each a separate server, on loopback."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from aws_deployment.machine.service import render
from tests.support.mariadb import free_port
from tests.support.processes import descendants, wait_until
from tests.support.server import get
from tests.support.targets import ROOT, Target

WARM, COLD, EMPTY = "this app, warm", "this app, cold", "empty Django view"
DRF, FASTAPI, NGINX = "DRF ModelViewSet", "FastAPI, SQLAlchemy, asyncmy", "this app behind nginx"
VISITOR, USER = "this app, cold, ten movies named", "this app, cold, a known user"
WARM_TWO = "this app, warm, two workers"
WSGI, WSGI_TWO = "empty WSGI application", "empty WSGI application, two workers"
LISTS = (WARM, WARM_TWO, COLD, DRF, FASTAPI, NGINX)
WITHOUT_ROWS = (EMPTY, WSGI, WSGI_TWO)
LIST, DRF_LIST = "/recommendations/", "/drf/recommendations/"
START_SECONDS, STOP_SECONDS = 60, 30

NGINX_MAIN = """
daemon off;
user {user};
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile on;
    tcp_nopush on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
"""Debian's own configuration, with one worker and other paths."""


@dataclass(frozen=True)
class Engine:
    """A server that answers at `address`; `worker` is a process that computes the answers."""

    name: str
    address: str
    worker: int
    query: str = ""

    def url(self, rows: int) -> str:
        if self.name in WITHOUT_ROWS:
            return self.address
        return f"{self.address}?limit={rows}{self.query}"

    @property
    def peak_megabytes(self) -> float:
        return self._memory("VmHWM")

    @property
    def megabytes(self) -> float:
        return self._memory("VmRSS")

    def _memory(self, figure: str) -> float:
        status = Path(f"/proc/{self.worker}/status").read_text()
        (kilobytes,) = re.findall(rf"^{figure}:\s+(\d+) kB", status, flags=re.MULTILINE)
        return int(kilobytes) * 1024 / 1e6


class Servers:
    """Start engines on one database; the stack ends them."""

    def __init__(self, stack: ExitStack, folder: Path, target: Target) -> None:
        self.stack = stack
        self.folder = folder
        self.environment = target.environment | {
            "ENV_FILE": "/dev/null",
            "DEBUG": "0",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "0",
            "ACCESS_LOG": "0",
        }

    def all(self) -> list[Engine]:
        peers = {"DJANGO_SETTINGS_MODULE": "benchmarks.api.settings"}
        cold = self.gunicorn(COLD, LIST, environment={"READ_CACHE_MB": "0"})
        return [
            self.gunicorn(WARM, LIST),
            self.gunicorn(WARM_TWO, LIST, workers=2),
            self.gunicorn(WSGI, "/", application="benchmarks.api.empty"),
            self.gunicorn(WSGI_TWO, "/", workers=2, application="benchmarks.api.empty"),
            cold,
            replace(cold, name=VISITOR, query=f"&like={most_rated(cold, 10)}"),
            replace(cold, name=USER, query="&user=1"),
            self.gunicorn(EMPTY, "/empty/", environment=peers),
            self.gunicorn(DRF, DRF_LIST, environment=peers),
            self.uvicorn(),
            self.nginx(),
        ]

    def gunicorn(
        self,
        name: str,
        path: str,
        *,
        workers: int = 1,
        application: str = "recsys.wsgi",
        environment: dict[str, str] | None = None,
    ) -> Engine:
        """Start gunicorn as in production, but with that many workers, which are never replaced."""
        port = free_port()
        process = self._gunicorn(f"127.0.0.1:{port}", environment or {}, workers, application)
        _wait(process, ("127.0.0.1", port), self._log(process))
        return Engine(name, f"http://127.0.0.1:{port}{path}", _worker(process, workers))

    def uvicorn(self) -> Engine:
        port = free_port()
        process = self._start(
            [sys.executable, "-m", "uvicorn", "benchmarks.api.fastapi_app:app", "--port", str(port),
             "--loop", "uvloop", "--http", "httptools", "--no-access-log"], {},
        )  # fmt: skip
        _wait(process, ("127.0.0.1", port), self._log(process))
        return Engine(FASTAPI, f"http://127.0.0.1:{port}{LIST}", process.pid)

    def nginx(self) -> Engine:
        """Start nginx as on the machine, before its own gunicorn, whose worker is the engine's."""
        port, upstream = free_port(), self.folder / "gunicorn.sock"
        behind = self._gunicorn(f"unix:{upstream}", {})
        _wait(behind, str(upstream), self._log(behind))
        configuration = self.folder / "nginx.conf"
        user = Path("/proc/self").owner()
        configuration.write_text(NGINX_MAIN.format(folder=self.folder, user=user))
        (self.folder / "site.conf").write_text(nginx_site(self.folder, port))
        nginx = ["/usr/sbin/nginx", "-p", str(self.folder), "-c", str(configuration)]
        process = self._start([*nginx, "-e", "stderr"], {})
        _wait(process, ("127.0.0.1", port), self._log(process))
        return Engine(NGINX, f"http://127.0.0.1:{port}{LIST}", _worker(behind))

    def _gunicorn(
        self,
        bind: str,
        environment: dict[str, str],
        workers: int = 1,
        application: str = "recsys.wsgi",
    ) -> subprocess.Popen:
        return self._start(
            [sys.executable, "-m", "gunicorn", application,
             "--config", "python:recsys.gunicorn", "--workers", str(workers), "--max-requests", "0",
             "--bind", bind], environment,
        )  # fmt: skip

    def _start(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen:
        with (self.folder / "starting.log").open("w") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | self.environment | environment,
                stdout=log, stderr=log,
            )  # fmt: skip
        self.stack.callback(_stop, process)
        (self.folder / "starting.log").rename(self._log(process))
        return process

    def _log(self, process: subprocess.Popen) -> Path:
        return self.folder / f"{process.pid}.log"


def most_rated(engine: Engine, count: int) -> str:
    """Ids of movies, separated by commas."""
    _, body = get(f"{engine.address}?order=rating_count&min_ratings=0&limit={count}")
    return ",".join(str(movie["movie_id"]) for movie in json.loads(body)["results"])


def nginx_site(folder: Path, port: int) -> str:
    """The machine's own file with other paths, without limits per client and without a log."""
    text = render("nginx.conf", LISTEN=f"listen 127.0.0.1:{port} default_server;")
    for pattern, other in (
        (r"unix:/run/recsys/gunicorn\.sock", f"unix:{folder}/gunicorn.sock"),
        (r"/var/lib/nginx/recsys-cache", f"{folder}/cache"),
        (r"access_log /var/log/\S+ \w+;", "access_log off;"),
        (r"limit_req zone=[^;]+;", ""),
        (r"limit_conn \w+ \d+;", ""),
    ):
        text, times = re.subn(pattern, other, text)
        assert times, f"nginx.conf no longer has {pattern}"
    return text


def _worker(process: subprocess.Popen, workers: int = 1) -> int:
    # gunicorn listens before it starts its workers.
    wait_until(lambda: len(descendants(process.pid)) == workers, seconds=START_SECONDS,
               what="the start of all workers")  # fmt: skip
    return descendants(process.pid)[0]


def _wait(process: subprocess.Popen, address: tuple[str, int] | str, log: Path) -> None:
    """Wait until it takes connections; an error with its output if it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(address):
            return
        time.sleep(0.1)
    raise RuntimeError(f"a server does not start:\n{log.read_text()[-3000:]}")


def _answers(address: tuple[str, int] | str) -> bool:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as client:
        client.settimeout(1)
        return client.connect_ex(address) == 0


def _stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
