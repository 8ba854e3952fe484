"""A fresh machine becomes the site: the real script, packages, database, gunicorn and nginx.

The machine is a folder made by debootstrap (see ../machine.py). It is set up once for this folder,
whose tests build on one another: from top to bottom, and the files in the order of their names.
"""

import gzip
import json
import re
import socket
import subprocess
import time
from http.client import HTTPResponse

import pytest

from tests.deployment.machine import needs_machine
from tests.deployment.site_machine.site import (
    CURRENT,
    HOST,
    PASSWORDS,
    PUBLISH,
    Answer,
    Site,
    ask,
    files_of,
    python_of_the_site,
    styles,
    wait_for_a_fresh_allowance,
)
from tests.support.targets import ROOT

pytestmark = needs_machine


QUESTIONS = ("systemctl is-enabled", "systemctl is-active")


def test_a_fresh_machine_becomes_the_site(site):
    assert site.first.returncode == 0, site.first.stdout + site.first.stderr
    assert "changed: packages" in site.first.stdout
    assert "changed: database recsys migrated" in site.first.stdout
    assert "changed: database user recsys\n" in site.first.stdout
    assert "changed: database user recsys_job\n" in site.first.stdout
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


def test_the_site_may_write_rows_and_change_no_table(site):
    asked = "from django.db import connection as c; c.cursor().execute({!r})"
    shell = ("manage.py", "shell", "--no-imports", "-c")
    assert python_of_the_site(site, *shell, asked.format("DELETE FROM django_session")).stderr == ""
    for statement in ("DROP TABLE app_run", "INSERT INTO app_run (status) VALUES ('current')",
                      "SELECT user FROM mysql.user"):  # fmt: skip
        refused = python_of_the_site(site, *shell, asked.format(statement))
        assert "command denied to user 'recsys'" in refused.stderr
    check = ("manage.py", "check", "--deploy", "--database", "default")
    assert "app.W002" not in python_of_the_site(site, *check).stderr


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
    job = {"DB_USER": "recsys_admin", "DB_PASSWORD": PASSWORDS["recsys_admin"]}  # it stands in for
    done = python_of_the_site(site, "-c", PUBLISH.replace("import pytest", ""), **job)
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


def speak(connection: socket.socket, request: bytes) -> Answer:
    """What comes back for these bytes."""
    with connection:
        connection.settimeout(60)
        connection.sendall(request)
        answer = HTTPResponse(connection)
        answer.begin()
        return Answer(answer.status, answer.headers, answer.read())


NAMED = f"Host: {HOST}\r\nConnection: close\r\n"
STRANGE = {
    "CONNECT": (405, f"CONNECT /stats/ HTTP/1.1\r\n{NAMED}"),
    "CONNECT to a host": (400, f"CONNECT {HOST}:80 HTTP/1.1\r\n{NAMED}"),
    "TRACE": (405, f"TRACE /stats/ HTTP/1.1\r\n{NAMED}"),
    "POST": (405, f"POST /stats/ HTTP/1.1\r\n{NAMED}Content-Length: 0\r\n"),
    "an unknown method": (405, f"FOO /stats/ HTTP/1.1\r\n{NAMED}"),
    "no method": (400, f"G{{T /stats/ HTTP/1.1\r\n{NAMED}"),
    "an unknown coding": (501, f"GET /stats/ HTTP/1.1\r\n{NAMED}Transfer-Encoding: secret\r\n"),
    "HTTP/7": (505, f"GET /stats/ HTTP/7\r\n{NAMED}"),
    "HTTP/2.0": (505, f"GET /stats/ HTTP/2.0\r\n{NAMED}"),
    "HTTP/0.5": (400, f"GET /stats/ HTTP/0.5\r\n{NAMED}"),
    "If-Match": (200, f'GET /stats/ HTTP/1.1\r\n{NAMED}If-Match: "x"\r\n'),
    "If-Unmodified-Since": (200, f"GET /stats/ HTTP/1.1\r\n{NAMED}"
                            "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
    "SCRIPT_NAME": (200, f"GET /stats/ HTTP/1.1\r\n{NAMED}SCRIPT_NAME: /x\r\n"),
    "a strange host": (400, "GET /wp-login.php HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n"),
    "no host": (400, "GET /stats/ HTTP/1.1\r\nConnection: close\r\n"),
    "two hosts": (400, f"GET /stats/ HTTP/1.1\r\n{NAMED}Host: other\r\n"),
    "a long header": (431, f"GET /stats/ HTTP/1.1\r\n{NAMED}X: {'x' * 9000}\r\n"),
    "a long address": (414, f"GET /stats/?q={'x' * 9000} HTTP/1.1\r\n{NAMED}"),
    "a long redirect": (302, f"GET /admin/?x={'1' * 3900} HTTP/1.1\r\n{NAMED}"),
    "a longer redirect": (414, f"GET /admin/?x={'&' * 3900} HTTP/1.1\r\n{NAMED}"),
    "no slash": (301, f"GET /recommendations?q={'1' * 3900} HTTP/1.1\r\n{NAMED}"),
    "a folder": (404, f"GET /static/app/ HTTP/1.1\r\n{NAMED}"),
}  # fmt: skip


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_strange_is_answered_alike_with_and_without_nginx(site, kind):
    time.sleep(0.05)  # as the limit on requests allows
    status, head = STRANGE[kind]
    request = f"{head}\r\n".encode()
    straight = socket.socket(socket.AF_UNIX)
    straight.connect(str(site.machine.path("/run/recsys/gunicorn.sock")))
    nginx = socket.create_connection(("127.0.0.1", site.supervisor.http))
    before, after = speak(straight, request), speak(nginx, request)
    assert (before.status, after.status) == (status, status)
    assert before.headers.get_content_type() == after.headers.get_content_type()
    if status >= 400:
        problem(after, status)
    assert len(after.headers.get_all("X-Request-ID", [])) == 1
    assert before.headers["Allow"] == after.headers["Allow"]


@pytest.mark.parametrize("method", ["POST", "TRACE"])
def test_a_static_file_is_only_read(site, method):
    style = styles(site.get("/admin/login/").body)[0]
    nginx = socket.create_connection(("127.0.0.1", site.supervisor.http))
    refused = speak(nginx, f"{method} {style} HTTP/1.1\r\n{NAMED}\r\n".encode())
    problem(refused, 405)
    assert refused.headers["Allow"] == "GET, HEAD"
    assert len(refused.headers.get_all("X-Request-ID", [])) == 1


def test_who_asks_too_much_is_told_to_wait(site):
    answers = [site.get("/static/nothing.css") for _ in range(150)]
    (limited, *_) = [answer for answer in answers if answer.status == 429]
    problem(limited, 429)
    assert limited.headers["Retry-After"] == "1"
    wait_for_a_fresh_allowance()


def test_passwords_cannot_be_tried_by_the_hundred(site):
    address = f"http://127.0.0.1:{site.supervisor.http}/admin/login/"
    statuses = [ask(address, data=b"username=a").status for _ in range(10)]
    assert statuses[0] == 403  # no CSRF token
    assert statuses[-1] == 429
    assert site.get("/admin/login/").status == 200
