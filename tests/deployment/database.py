"""A database server with TLS, as RDS is one: its own authority, and no way in without TLS."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.mariadb import Server, _as_root, _initialise, free_port
from tests.support.processes import wait_until

NAME = "database.test"


def make_authority(folder: Path, name: str) -> Path:
    """A certificate authority; returns its certificate."""
    certificate = folder / f"{name}.pem"
    _openssl("req", "-x509", *_key(folder / f"{name}.key"), "-days", "2", "-subj", f"/CN={name}",
             "-out", certificate)  # fmt: skip
    return certificate


@contextmanager
def mariadb_with_tls(folder: Path, authority: Path) -> Iterator[Server]:
    """A server whose certificate the authority signed for NAME; stopped by its process id."""
    _sign(folder, authority)
    _initialise(folder)
    port = free_port()
    command = [
        "/usr/sbin/mariadbd", "--no-defaults", *_as_root(), f"--datadir={folder / 'data'}",
        f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}", f"--port={port}",
        "--bind-address=127.0.0.1", "--skip-name-resolve",
        f"--ssl-ca={authority}", f"--ssl-cert={folder / 'server.pem'}",
        f"--ssl-key={folder / 'server.key'}",
    ]  # fmt: skip
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until((folder / "socket").exists, seconds=60, what="MariaDB's socket")
        yield Server(folder, port, process)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _sign(folder: Path, authority: Path) -> None:
    request, extensions = folder / "request.pem", folder / "extensions"
    extensions.write_text(f"subjectAltName=DNS:{NAME},DNS:localhost\n")
    _openssl("req", "-new", *_key(folder / "server.key"), "-subj", f"/CN={NAME}", "-out", request)
    _openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey",
             authority.with_suffix(".key"), "-CAcreateserial", "-days", "2",
             "-extfile", extensions, "-out", folder / "server.pem")  # fmt: skip


def _key(path: Path) -> list[str | Path]:
    return ["-newkey", "rsa:2048", "-nodes", "-keyout", path]


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
