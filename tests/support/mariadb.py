"""A real MariaDB server in a temporary folder, for tests and for trying things out.

python -m tests.support.mariadb COMMAND...

runs the command with DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASSWORD pointing at an empty
schema of such a server, and stops the server afterwards.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 60
USER, PASSWORD = "recsys", "not-a-secret-p%40ss"


@dataclass
class Server:
    """A running server. `process` may be stopped and started again by tests."""

    folder: Path
    port: int
    process: subprocess.Popen

    def connect(self, **arguments: Any) -> Any:
        import MySQLdb

        return MySQLdb.connect(
            unix_socket=str(self.folder / "socket"), user="root", charset="utf8mb4", **arguments
        )

    def execute(self, sql: str, *, schema: str = "") -> list[tuple]:
        """Run one statement as root."""
        with closing(self.connect(db=schema, autocommit=True)) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return list(cursor.fetchall())

    def create_schema(self, name: str) -> None:
        self.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")

    def environment(self, schema: str) -> dict[str, str]:
        """What the site and the job read."""
        return {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(self.port),
            "DB_NAME": schema,
            "DB_USER": USER,
            "DB_PASSWORD": PASSWORD,
        }


@contextmanager
def mariadb() -> Iterator[Server]:
    """Start a server on a free port; it is stopped by its process id at the end."""
    with tempfile.TemporaryDirectory(prefix="mariadb-") as name:
        folder = Path(name)
        _initialise(folder)
        server = Server(folder, *start(folder, free_port()))
        try:
            server.execute(f"CREATE USER {USER} IDENTIFIED BY '{PASSWORD}'")
            server.execute(f"GRANT ALL ON *.* TO {USER}")
            yield server
        finally:
            server.process.terminate()
            server.process.wait(timeout=60)


def start(folder: Path, port: int) -> tuple[int, subprocess.Popen]:
    """Start mariadbd over an initialised folder and wait until it answers."""
    command = [
        "/usr/sbin/mariadbd", "--no-defaults", *_as_root(),
        f"--datadir={folder / 'data'}", f"--socket={folder / 'socket'}",
        f"--pid-file={folder / 'pid'}", f"--port={port}", "--bind-address=127.0.0.1",
        "--innodb-flush-log-at-trx-commit=2", "--skip-name-resolve",
    ]  # fmt: skip
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(folder, port):
            return port, process
        time.sleep(0.1)
    process.kill()
    raise RuntimeError(f"MariaDB does not start: {(folder / 'log').read_text()[-2000:]}")


def _answers(folder: Path, port: int) -> bool:
    """On both ways in: the socket comes after the port."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as local:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        local.connect(str(folder / "socket"))
        return True
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _initialise(folder: Path) -> None:
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", *_as_root(), f"--datadir={folder / 'data'}",
         "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def main() -> int:
    with mariadb() as server:
        server.create_schema("recsys")
        environment = os.environ | server.environment("recsys")
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
