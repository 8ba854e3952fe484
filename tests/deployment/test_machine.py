"""A fresh machine becomes the site: the real script, packages, database, gunicorn and nginx.

The machine is a folder made by debootstrap (see machine.py). It is set up once for all tests
here, which build on one another from top to bottom.
"""

import gzip
import json
import os
import re
import secrets
import shutil
import ssl
import subprocess
import tempfile
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
from tests.deployment.database import NAME, make_authority, mariadb_with_tls
from tests.deployment.machine import CHECKOUT, Machine, Supervisor, fresh_machine
from tests.support.mariadb import Server
from tests.support.processes import wait_until
from tests.support.targets import ROOT

HOST = "movies.test"
# What a password may be made of. Half of it is new each time: this file is deployed as well.
PASSWORD = f"plan#ted ${{HOME}} 'pass\"{secrets.token_hex(8)}"
AUTHORITY = "/root/authority.pem"
CURRENT = "/opt/recsys/current"
VAR = ROOT / "var"
QUESTIONS = ("systemctl is-enabled", "systemctl is-active")
PUBLISH = """
import django
django.setup()
from tests.site.factories import make_ranking, make_run
make_ranking(make_run(), 30)
"""

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="test_machine_parts.py runs it by sudo"),
    pytest.mark.skipif(not shutil.which("debootstrap"), reason="bin/test installs debootstrap"),
]


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


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    authority = make_authority(tmp_path_factory.mktemp("a"), "authority")
    VAR.mkdir(exist_ok=True)
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    store.start()
    with (
        mariadb_with_tls(tmp_path_factory.mktemp("d"), authority) as database,
        tempfile.TemporaryDirectory(dir=VAR, prefix="machine-") as system,
    ):
        machine = fresh_machine(Path(system))
        supervisor = Supervisor(machine)
        try:
            shutil.copy(authority, machine.path(AUTHORITY))
            prepare_database(database)
            prepare_secret(machine, store)
            script = setup_script(machine, database, tmp_path_factory.mktemp("s"))
            machine.path("/etc/hosts").write_text(f"127.0.0.1 localhost {NAME}\n")
            first = machine.run("sh", "-c", script)
            said = [first.stdout, first.stderr]
            yield Site(machine, supervisor, database, options(database), first, said)
        finally:
            supervisor.close()
            store.stop()


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
    words = deploy_site.setup_options("recsys", outputs, "secretsmanager:recsys/db", None, None)
    return deploy_site.setup_script(bundle, f"{words} --db-ca {AUTHORITY}")


def options(database: Server) -> list[str]:
    return ["--db-host", NAME, "--db-port", str(database.port), "--db-ca", AUTHORITY,
            "--db-secret", "secretsmanager:recsys/db", "--host", HOST]  # fmt: skip


def prepare_database(database: Server) -> None:
    database.create_schema("recsys")
    quoted = PASSWORD.replace("'", "''")
    database.execute(f"CREATE USER recsys IDENTIFIED BY '{quoted}' REQUIRE SSL")
    database.execute("GRANT ALL ON recsys.* TO recsys")


def prepare_secret(machine: Machine, server: ThreadedMotoServer) -> None:
    host, port = server.get_host_and_port()
    machine.environment |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
    secrets_manager(machine).create_secret(Name="recsys/db", SecretString=PASSWORD)


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


def python_of_the_site(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", f'cd {CHECKOUT} && exec "$@"', "-", f"{CURRENT}/.venv/bin/python", "-B"]
    environment = {"ENV_FILE": "/etc/recsys/.env", "DJANGO_SETTINGS_MODULE": "recsys.settings"}
    return site.machine.run(*command, *arguments, **environment)


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


def test_a_fresh_machine_becomes_the_site(site):
    assert site.first.returncode == 0, site.first.stdout + site.first.stderr
    assert "changed: packages" in site.first.stdout
    assert "changed: database recsys migrated" in site.first.stdout
    # There is no domain, so no https.
    assert "note: security.W008 Your SECURE_SSL_REDIRECT setting is not" in site.first.stdout
    assert "error: " not in site.first.stderr
    account = site.machine.run("getent", "passwd", "recsys").stdout
    assert account.strip().endswith("/usr/sbin/nologin")
    assert site.machine.path("/etc/recsys/.env").stat().st_mode & 0o777 == 0o600
    owner = site.machine.run("stat", "--format=%U", "/etc/recsys/.env").stdout
    assert owner.strip() == "recsys"
    assert "systemctl restart recsys.service" in site.supervisor.calls


def test_managepy_runs_as_the_site(site):
    done = site.machine.run("recsys-manage", "runs", "list")
    assert done.returncode == 0, done.stderr
    assert "finished (UTC)" in done.stdout


def test_a_second_run_changes_nothing_and_says_so(site):
    before = files_of(site)
    site.supervisor.calls.clear()
    again = site.set_up()
    assert (again.returncode, again.stdout) == (0, "nothing changed\n")
    assert files_of(site) == before
    assert [call for call in site.supervisor.calls if not call.startswith(QUESTIONS)] == []


def test_the_database_is_verified_and_spoken_to_over_tls(site):
    told = python_of_the_site(site, "manage.py", "shell", "--no-imports", "-c", (
        "from django.db import connection as c; k = c.cursor();"
        "k.execute(\"SHOW STATUS LIKE 'Ssl_cipher'\"); print(k.fetchone()[1])"
    ))  # fmt: skip
    assert told.stdout.strip(), told.stderr
    library = site.machine.run(
        "sh", "-c", f"ldd {CURRENT}/.venv/lib/python3*/site-packages/MySQLdb/_mysql*.so"
    ).stdout
    assert re.search(r"lib(mariadb|mysqlclient)\.so", library)


def test_before_the_first_run_is_published_the_site_is_well_but_says_so(site):
    answer = site.get("/health/")
    assert answer.status == 503
    assert json.loads(answer.body)["reason"] == "no_run"
    assert ask_as_the_timer(site, site.supervisor.http).returncode == 0


def ask_as_the_timer(site: Site, port: int) -> subprocess.CompletedProcess[str]:
    unit = site.machine.path("/etc/systemd/system/recsys-health.service").read_text()
    settings = dict(re.findall(r"^(WorkingDirectory|ExecStart)=(.*)", unit, re.M))
    script = f"cd {settings['WorkingDirectory']} && exec {settings['ExecStart']} {port}"
    return site.machine.run("setpriv", "--reuid=recsys", "--regid=recsys", "--clear-groups",
                            "sh", "-c", script)  # fmt: skip


def test_the_timer_fails_with_a_warning_when_nobody_answers(site):
    done = ask_as_the_timer(site, 9)
    assert done.returncode != 0
    assert done.stderr.startswith("warning: the site is not well: ConnectionRefusedError")


def test_pages_and_json_come_through_nginx(site):
    done = python_of_the_site(site, "-c", PUBLISH.replace("import pytest", ""))
    assert done.returncode == 0, done.stderr
    page = site.get("/movies/")
    assert (page.status, page.headers.get_content_type()) == (200, "text/html")
    listed = site.get("/recommendations/?limit=3")
    assert [item["title"] for item in json.loads(listed.body)["results"]] == [
        "Movie 1", "Movie 2", "Movie 3",
    ]  # fmt: skip
    assert site.get("/health/").status == 200


def test_a_second_look_within_a_second_comes_from_nginx(site):
    answers = [site.get("/recommendations/?limit=7").headers["X-Cache"] for _ in range(5)]
    assert answers[0] == "MISS"
    assert "HIT" in answers


@pytest.mark.parametrize("path", ["/", "/health/", "/admin/login/"])
def test_what_is_personal_or_must_be_fresh_is_never_kept(site, path):
    assert [site.get(path).headers["X-Cache"] for _ in range(2)] == [None, None]


def test_a_signed_in_visitor_is_never_answered_from_memory(site):
    for headers in ({"Cookie": "sessionid=abc"}, {"Authorization": "Bearer abc"}):
        for _ in range(2):
            assert site.get("/recommendations/?limit=8", **headers).headers["X-Cache"] == "BYPASS"


def test_json_travels_compressed(site):
    answer = site.get("/recommendations/", Accept_Encoding="gzip, br")
    assert answer.headers.get_all("Content-Encoding") == ["gzip"]
    assert answer.headers.get_all("Vary") == ["Accept-Encoding"]
    assert json.loads(gzip.decompress(answer.body))["results"]


def test_what_is_known_already_is_not_sent_again(site):
    known = site.get("/recommendations/?limit=9")
    again = site.get("/recommendations/?limit=9", If_None_Match=known.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert known.headers["Cache-Control"].startswith("public, max-age=60")


def test_what_the_site_logs_of_a_request_has_the_id_that_the_visitor_sees(site):
    refused = site.get("/recommendations/?limit=many", X_Request_ID="of-the-client")
    assert refused.status == 400
    said = site.machine.path("/var/log/gunicorn.log").read_text()
    (line,) = [line for line in said.splitlines() if refused.headers["X-Request-ID"] in line]
    assert json.loads(line)["level"] == "WARNING"


def test_the_metrics_are_read_as_the_guide_says_and_not_without_the_token(site):
    guide = (ROOT / "aws_deployment" / "START_HERE.md").read_text()
    (command,) = re.findall(r"^sudo (sed .*METRICS_TOKEN.*)$", guide, re.M)
    own = f"127.0.0.1:{site.supervisor.http} http://{HOST}"
    command = command.replace("127.0.0.1: http://SITEADDRESS", own)
    told = site.machine.run("sh", "-c", command).stdout
    assert 'recsys_requests_total{endpoint="/recommendations/"' in told
    assert "recsys_run_id 1.0" in told
    for headers in ({}, {"Authorization": "Bearer of-somebody-else"}):
        assert site.get("/metrics", **headers).status == 401


@pytest.mark.parametrize("path", ["/movies/", "/recommendations/", "/static/{css}", "/no-such"])
def test_each_security_header_is_there_once(site, path):
    path = path.replace("/static/{css}", styles(site.get("/admin/login/").body)[0])
    headers = site.get(path).headers
    for name in ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
                 "Permissions-Policy", "Content-Security-Policy", "X-Request-ID"):  # fmt: skip
        assert len(headers.get_all(name, [])) == 1, name
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Server"] == "nginx"


def test_the_admin_has_its_styles_and_they_may_be_kept_for_good(site):
    page = site.get("/admin/login/")
    assert page.status == 200
    style = site.get(styles(page.body)[0], Accept_Encoding="gzip")
    assert (style.status, style.headers.get_content_type()) == (200, "text/css")
    assert "immutable" in style.headers["Cache-Control"]
    assert style.headers["Content-Encoding"] == "gzip"


def problem(answer: Answer, status: int) -> None:
    """An error in the shape of RFC 9457."""
    assert answer.status == status
    assert answer.headers.get_content_type() == "application/problem+json"
    body = json.loads(answer.body)
    assert (body["status"], body["type"]) == (status, "about:blank")
    assert body["title"] and body["detail"]


def test_what_nginx_refuses_is_told_as_the_site_tells_it(site):
    address = f"http://127.0.0.1:{site.supervisor.http}"
    problem(ask(f"{address}/admin/login/", data=b"x" * 1_100_000), 413)
    problem(site.get("/static/nothing.css"), 404)
    problem(site.get("/movies/?genre=" + "x" * 20_000), 414)
    assert site.get("/static/nothing.css").headers["Cache-Control"] is None


def test_who_asks_too_much_is_told_to_wait(site):
    answers = [site.get("/static/nothing.css") for _ in range(150)]
    (limited, *_) = [answer for answer in answers if answer.status == 429]
    problem(limited, 429)
    assert limited.headers["Retry-After"] == "1"
    wait_for_a_fresh_allowance()


def wait_for_a_fresh_allowance() -> None:
    """20 requests a second come back."""
    time.sleep(2.5)


def test_passwords_cannot_be_tried_by_the_hundred(site):
    address = f"http://127.0.0.1:{site.supervisor.http}/admin/login/"
    statuses = [ask(address, data=b"username=a").status for _ in range(10)]
    assert statuses[0] == 403  # no CSRF token
    assert statuses[-1] == 429
    assert site.get("/admin/login/").status == 200


def test_an_upgrade_under_load_fails_no_request(site):
    wait_for_a_fresh_allowance()
    before = site.version()
    style = styles(site.get("/movies/").body)[0]
    paths = ["/health/", "/recommendations/?offset={number}", "/movies/", style, "/"]
    with (
        committed(site, "app/static/app/site.css", "\n.upgraded { color: red }\n"),
        load(site, paths) as answers,
        watched_for(PASSWORD) as shown,
    ):
        done = site.set_up("--upgrade", "HEAD")
        assert done.returncode == 0, done.stdout + done.stderr
        count = len(answers)
        wait_until(lambda: len(answers) >= count + 10, what="ten more answers")
    assert [answer for answer in answers if answer[1] != 200] == []
    assert shown == []
    assert site.version() != before
    assert style not in styles(site.get("/movies/").body)
    assert "nothing changed" in site.set_up().stdout


def broken_migration() -> tuple[str, str]:
    last = sorted((ROOT / "app" / "migrations").glob("0*.py"))[-1].stem
    return "app/migrations/9999_broken.py", (
        "from django.db import migrations\n"
        "class Migration(migrations.Migration):\n"
        f"    dependencies = [('app', '{last}')]\n"
        "    operations = [migrations.RunSQL('SELECT broken_on_purpose')]\n"
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("recsys/settings.py", "\nraise RuntimeError('broken on purpose')\n"), "checking"),
        (broken_migration(), "migrating"),
        (("requirements-site.txt", "\nno-such-package-at-all\n"), "installing Python packages"),
        (("recsys/wsgi.py", "\nraise RuntimeError('broken on purpose')\n"), "restart"),
        (("app/api/views.py", "\ncheck_now = None\n"), "health check: /health/ answers 500"),
    ],
    ids=["settings", "migration", "packages", "wsgi", "health"],
)
def test_a_broken_version_is_not_kept(site, change, complaint):
    before, files = site.version(), files_of(site)
    with committed(site, *change), load(site, ["/health/", "/recommendations/"]) as answers:
        line = site.refused("--upgrade", "HEAD")
    assert complaint in line
    assert site.version() == before
    assert {name for name in files_of(site) if name not in files} == set()
    assert site.get("/health/").status == 200
    if complaint in ("checking", "migrating"):
        assert {status for _, status in answers} == {200}


def test_a_version_can_be_gone_back_to_and_the_newest_three_stay(site):
    for number in range(2):
        with committed(site, "README.md", f"\nVersion {number}.\n"):
            assert site.set_up("--upgrade", "HEAD").returncode == 0
    releases = list(site.machine.path("/opt/recsys/releases").iterdir())
    assert len(releases) == 3
    (former, *_) = [path.name for path in releases if path.name != site.version()]
    done = site.set_up("--upgrade", former)
    changes = [line for line in done.stdout.splitlines() if not line.startswith("note: ")]
    assert changes == [f"changed: {CURRENT} -> {former}", "changed: 1 in all"]
    assert site.version() == former


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--upgrade", "no-such-branch"], "give a commit, branch or tag that the source has"),
        (["--db-secret", "secretsmanager:nothing"], "ResourceNotFoundException"),
        (["--db-secret", "ssm:nothing"], "ParameterNotFound"),
        (["--db-secret", "file:/nothing"], "cannot read the password from /nothing"),
        (["--db-secret", "hunter2"], "give secretsmanager:NAME"),
        (["--db-ca", "/nothing"], "--db-ca /nothing: cannot be read"),
        (["--db-ca", "/etc/hosts"], "holds no certificates"),
        (["--db-ca", "https://127.0.0.1:9/"], "download it elsewhere"),
        (["--db-port", "9"], "Can't connect to"),
        (["--db-user", "nobody"], "Access denied"),
        (["--email", "somebody"], "--email somebody: give an address"),
        (["--source", "/nothing", "--upgrade", "HEAD"], "check --source"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_changed(site, arguments, complaint):
    before = files_of(site)
    assert complaint in site.refused(*arguments)
    assert files_of(site) == before


def test_a_server_that_the_authority_did_not_vouch_for_is_not_trusted(site, tmp_path):
    stranger = make_authority(tmp_path, "stranger")
    shutil.copy(stranger, site.machine.path("/root/stranger.pem"))
    before = files_of(site)
    assert re.search(r"(?i)certificate|TLS|SSL", site.refused("--db-ca", "/root/stranger.pem"))
    assert files_of(site) == before


def test_only_root_may_and_only_known_systems_will_do(site):
    shutil.copy(ROOT / "aws_deployment" / "ec2_setup.sh", site.machine.path("/srv/ec2_setup.sh"))
    as_nobody = site.machine.run("setpriv", "--reuid=65534", "--clear-groups", "/srv/ec2_setup.sh")
    assert as_nobody.stderr == "error: not root: start it with sudo\n"
    told = site.machine.path("/etc/os-release")
    kept = told.read_text()
    told.unlink()
    told.write_text('ID=plan9\nVERSION_ID=4\nPRETTY_NAME="Plan 9"\n')
    try:
        assert "Plan 9 is not known here" in site.refused()
    finally:
        told.write_text(kept)


def test_a_new_password_is_taken_over_by_a_plain_run(site):
    client = secrets_manager(site.machine)
    renewed = f"{PASSWORD} renewed"
    quoted = renewed.replace("'", "''")
    site.database.execute(f"ALTER USER recsys IDENTIFIED BY '{quoted}' REQUIRE SSL")
    client.put_secret_value(SecretId="recsys/db", SecretString=renewed)
    done = site.set_up()
    assert done.stdout == "changed: /etc/recsys/.env\nchanged: 1 in all\n", done.stderr
    assert site.get("/health/").status == 200


def test_with_a_domain_the_site_is_served_over_tls(site):
    done = site.set_up("--domain", HOST, "--email", "somebody@example.org")
    assert done.returncode == 0, done.stdout + done.stderr
    (asked,) = [call for call in site.supervisor.calls if call.startswith("certbot")]
    assert "certonly" in asked and "--webroot" in asked
    wait_for_a_fresh_allowance()
    secure = ask(f"https://127.0.0.1:{site.supervisor.https}/health/")
    assert secure.status == 200
    assert len(secure.headers.get_all("Strict-Transport-Security", [])) == 1
    moved = site.get("/movies/?genre=War")
    assert (moved.status, moved.headers["Location"]) == (301, f"https://{HOST}/movies/?genre=War")
    challenge = site.machine.path("/var/lib/recsys/acme/.well-known/acme-challenge")
    challenge.mkdir(parents=True)
    (challenge / "token").write_text("answer")
    assert site.get("/.well-known/acme-challenge/token").body == b"answer"
    assert "nothing changed" in site.set_up().stdout


def test_no_password_was_shown_to_anybody(site):
    assert not [text for text in site.said if PASSWORD in text]
    assert not [call for call in site.supervisor.calls if PASSWORD in call]
    open_to_others = [
        path
        for top in ("etc", "opt", "var/log", "var/lib/recsys", "tmp", "run")
        for path in site.machine.path(top).rglob("*")
        if path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o077
    ]
    assert len(open_to_others) > 1000
    kept = [PASSWORD.encode(), PASSWORD.replace("${", "${:-$}{").encode()]
    assert not [path for path in open_to_others if any(p in path.read_bytes() for p in kept)]
