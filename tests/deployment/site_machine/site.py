"""The site's machine: how it is prepared and set up, asked and watched."""

import json
import re
import secrets
import shutil
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from aws_deployment.account import Account
from aws_deployment.resources import site as deploy_site
from tests.deployment.database import NAME
from tests.deployment.machine import CHECKOUT, Machine, Supervisor
from tests.support.mariadb import Server
from tests.support.targets import ROOT

HOST = "movies.test"
# What a password may be made of. Half of it is new each time: this file is deployed as well.
PASSWORDS = {
    "recsys": f"plan#ted ${{HOME}} 'pass\"{secrets.token_hex(8)}",
    "recsys_admin": f"ad#min ${{PATH}} \\ 'pass\"{secrets.token_hex(8)}",
    "recsys_job": f"jo#b %s 'pass\"{secrets.token_hex(8)}",
}
PASSWORD = PASSWORDS["recsys"]
REFERENCES = [f"secretsmanager:recsys/{user}" for user in PASSWORDS]
"""Of the site, the administrator and the job."""
AUTHORITY = "/root/authority.pem"
CURRENT = "/opt/recsys/current"
VAR = ROOT / "var"
PUBLISH = """
import django
django.setup()
from django.db import transaction
from tests.site.factories import make_ranking, make_run
with transaction.atomic():  # as the job does it: nobody sees a run without its rows
    make_ranking(make_run(), 30)
"""


@dataclass
class Site:
    machine: Machine
    supervisor: Supervisor
    database: Server
    options: list[str]
    first: subprocess.CompletedProcess[str]
    said: list[str] = field(default_factory=list)

    def set_up(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script again; what it says is kept for the search for passwords."""
        done = self.machine.set_up(*arguments, **environment)
        self.said += [done.stdout, done.stderr]
        return done

    def refused(self, *arguments: str, **environment: str) -> str:
        """The one line of a set-up that fails."""
        done = self.set_up(*arguments, **environment)
        assert done.returncode != 0, done.stdout
        (line,) = done.stderr.strip().splitlines()
        assert line.startswith("error: "), line
        return line

    def get(self, path: str, **headers: str) -> "Answer":
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(f"http://127.0.0.1:{self.supervisor.http}{path}", headers=named)

    def version(self) -> str:
        return self.machine.path(CURRENT).readlink().name


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes


def ask(url: str, *, data: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
    """One request under the site's name, without following where it leads."""
    request = urllib.request.Request(url, data, {"Host": HOST} | (headers or {}))
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(Stay, urllib.request.HTTPSHandler(context=trusting))
    try:
        with opener.open(request, timeout=60) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def setup_script(machine: Machine, database: Server, folder: Path) -> str:
    """What `bin/deploy up` would have run on the machine."""
    prepare_checkout(folder / "checkout")
    session = boto3.Session("test", "test", region_name="us-east-1")
    outputs = {"DatabaseHost": NAME, "DatabasePort": str(database.port), "SiteAddress": HOST,
               "DatabaseName": "recsys"}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deploy_site, "ROOT", folder / "checkout")
        patch.setenv("AWS_ENDPOINT_URL", machine.environment["AWS_ENDPOINT_URL"])
        session.client("s3").create_bucket(Bucket="recsys-site")
        account = Account(session, "recsys")
        bundle = deploy_site.upload_bundle(account, "recsys-site", "tested")
    references = dict(zip(("SiteSecret", "DatabaseSecret", "JobSecret"), REFERENCES, strict=True))
    words = deploy_site.setup_options("recsys", outputs, references, None, None)
    return deploy_site.setup_script(bundle, f"{words} --db-ca {AUTHORITY}")


def options(database: Server) -> list[str]:
    return ["--db-host", NAME, "--db-port", str(database.port), "--db-ca", AUTHORITY,
            "--db-secret", REFERENCES[0], "--host", HOST]  # fmt: skip


def prepare_database(database: Server) -> None:
    """An empty schema, and who may do in it what RDS's master may."""
    database.create_schema("recsys")
    quoted = PASSWORDS["recsys_admin"].replace("\\", "\\\\").replace("'", "''")
    database.execute(f"CREATE USER recsys_admin IDENTIFIED BY '{quoted}' REQUIRE SSL")
    database.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX,"
        " ALTER, LOCK TABLES, CREATE VIEW, TRIGGER, CREATE USER ON *.* TO recsys_admin"
        " WITH GRANT OPTION"
    )


def prepare_secret(machine: Machine, server: ThreadedMotoServer) -> None:
    host, port = server.get_host_and_port()
    machine.environment |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
    for user, password in PASSWORDS.items():  # the site's is a password alone
        text = json.dumps({"username": user, "password": password})
        told = password if user == "recsys" else text
        secrets_manager(machine).create_secret(Name=f"recsys/{user}", SecretString=told)


def secrets_manager(machine: Machine):
    return boto3.client(
        "secretsmanager", endpoint_url=machine.environment["AWS_ENDPOINT_URL"],
        region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip


def prepare_checkout(checkout: Path) -> None:
    """A clone of this checkout, with what is not committed yet."""
    subprocess.run(["git", "clone", "--quiet", ROOT, checkout], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    commit(checkout, "The working tree")


def commit(checkout: Path, subject: str) -> None:
    git = ["git", "-C", str(checkout), "-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", subject], check=True)


def git(site: Site, *arguments: str) -> None:
    subprocess.run(["git", "-C", site.machine.path(CHECKOUT), *arguments], check=True)


@contextmanager
def committed(site: Site, name: str, addition: str) -> Iterator[None]:
    """A new version of the project, in which this file has something more at its end."""
    file = site.machine.path(CHECKOUT) / name
    with file.open("a") as out:
        out.write(addition)
    commit(site.machine.path(CHECKOUT), f"Change {name}")
    try:
        yield
    finally:
        git(site, "reset", "--quiet", "--hard", "HEAD~1")


def python_of_the_site(
    site: Site, *arguments: str, **others: str
) -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", f'cd {CHECKOUT} && exec "$@"', "-", f"{CURRENT}/.venv/bin/python", "-B"]
    environment = {"ENV_FILE": "/etc/recsys/.env", "DJANGO_SETTINGS_MODULE": "recsys.settings"}
    return site.machine.run(*command, *arguments, **environment, **others)


def files_of(site: Site) -> dict[str, tuple[int, int]]:
    """Every file that the set-up is responsible for, and when it was written."""
    found = {}
    for top in ("/etc", "/opt/recsys", "/var/lib/recsys"):
        for path in site.machine.path(top).rglob("*"):
            status = path.lstat()
            if path.is_file() and "repository" not in path.parts:
                found[str(path)] = (status.st_mtime_ns, status.st_mode)
    return found


@contextmanager
def watched_for(secret: str) -> Iterator[list[str]]:
    """Command lines of processes that show the secret."""
    seen: list[str] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = file.read_bytes()
                except OSError:
                    continue
                if secret.encode() in line:
                    seen.append(line.decode(errors="replace"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


@contextmanager
def load(site: Site, paths: list[str]) -> Iterator[list[tuple[str, int]]]:
    """Three visitors who ask all the time, slower than the limit; their answers."""
    answers: list[tuple[str, int]] = []
    over = threading.Event()

    def visit(offset: int) -> None:
        number = offset
        while not over.wait(0.25):
            path = paths[number % len(paths)].format(number=number)
            try:
                answers.append((path, site.get(path).status))
            except OSError as error:
                answers.append((f"{path}: {error}", 0))
            number += 1

    visitors = [threading.Thread(target=visit, args=(offset * 1000,)) for offset in range(3)]
    for visitor in visitors:
        visitor.start()
    try:
        yield answers
    finally:
        over.set()
        for visitor in visitors:
            visitor.join()


def styles(page: bytes) -> list[str]:
    return re.findall(r'href="(/static/[^"]+\.css)"', page.decode())


def wait_for_a_fresh_allowance() -> None:
    """20 requests a second come back."""
    time.sleep(2.5)
