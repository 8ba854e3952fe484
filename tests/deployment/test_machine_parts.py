"""The parts of the machine that need no machine: its files, its memory, its judgement."""

import os
import re
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from dotenv import dotenv_values

from aws_deployment.machine import health, memory, options, secret, service, system
from aws_deployment.machine.__main__ import site_settings
from aws_deployment.machine.system import Changes, Refusal, telling_line
from tests.support import aws
from tests.support.targets import ROOT

SCRIPTS = [
    path
    for path in (*ROOT.glob("bin/*"), ROOT / ".ci" / "run", *ROOT.glob("aws_deployment/*.sh"))
    if path.suffix == ".sh" or path.read_bytes().startswith(b"#!/usr/bin/env bash")
]
UNITS = ("recsys.socket", "recsys.service", "recsys-health.service", "recsys-health.timer")
NGINX = {"NGINX_USER": "www-data", "NGINX_GROUP": "www-data"}
AWKWARD = (
    "plain",
    "dollar$and${HOME}and$$",
    "#first",
    "in the # middle",
    "quote'single",
    '"double"',
    "'both\" and # more'",
    "back\\slash and # more",
    "ends in a backslash\\",
    "equals=and=more",
    " blanks around ",
    "",
)


if os.geteuid() != 0:

    def test_the_whole_machine_by_sudo():
        if subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode:
            pytest.skip("making a machine needs root or sudo without a password")
        command = ["sudo", "-n", "--preserve-env", "env", f"PATH={os.environ['PATH']}"]
        folders = ["tests/deployment/site_machine", "tests/deployment/nginx"]
        done = subprocess.run(
            [*command, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *folders],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_has_nothing_to_say(script):
    command = ["shellcheck", "--external-sources", "--source-path=SCRIPTDIR", "--shell=bash"]
    done = subprocess.run([*command, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_systemd_accepts_the_units(tmp_path):
    for name in UNITS:
        text = service.render(name, **NGINX)
        text = text.replace("/opt/recsys/current/.venv/bin/python", shutil.which("env") or "")
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / name for name in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert (done.returncode, complaints) == (0, []), done.stderr


@pytest.mark.parametrize("name", ["recsys.service", "recsys-health.service"])
def test_the_services_are_fenced_in(tmp_path, name):
    (tmp_path / name).write_text(service.render(name, **NGINX))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager",
         tmp_path / name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-300:]


def test_every_placeholder_is_filled_in():
    values = NGINX | {"DOMAIN": "movies.test", "LISTEN": "listen 80;"}
    for file in service.FILES.iterdir():
        assert not re.findall(r"\$\{?[A-Z_]{3,}", service.render(file.name, **values)), file


def test_the_site_reads_every_value_as_it_was_meant(tmp_path):
    values = {f"VALUE_{n}": value for n, value in enumerate(AWKWARD)}
    file = tmp_path / ".env"
    file.write_text(memory.update("", values))
    assert dotenv_values(file) == values
    assert memory.parse(file.read_text()) == values


def test_what_was_added_by_hand_stays():
    text = "# mine\nCSRF_TRUSTED_ORIGINS=https://x.test\nDB_NAME='old'  \n"
    new = memory.update(text, {"DB_NAME": "new", "DB_PORT": "3306"})
    assert new == "# mine\nCSRF_TRUSTED_ORIGINS=https://x.test\nDB_NAME=new\nDB_PORT=3306\n"
    assert memory.update(new, {"DB_NAME": "new", "DB_PORT": "3306"}) == new


@pytest.mark.parametrize("value", ["two\nlines", "# blank and \\"])
def test_a_value_that_cannot_be_written_is_refused(value):
    with pytest.raises(Refusal):
        memory.quote(f" {value}")


class Metadata(BaseHTTPRequestHandler):
    """What a machine of EC2 knows about itself, asked for with a token."""

    def do_PUT(self) -> None:
        self.answer(b"a token")

    def do_GET(self) -> None:
        asked_well = self.headers["X-aws-ec2-metadata-token"] == "a token"
        self.answer(b"eu-central-1b" if asked_well else b"")

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def test_the_region_is_the_one_that_the_machine_stands_in(monkeypatch):
    for name in ("AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    with ThreadingHTTPServer(("127.0.0.1", 0), Metadata) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)
        assert secret.region() == "eu-central-1"
        server.shutdown()


def test_the_token_of_the_metrics_is_made_once_and_may_be_emptied():
    options = {"SETUP_DOMAIN": ""}
    made = site_settings(options, {})["METRICS_TOKEN"]
    assert len(made) >= 32
    assert site_settings(options, {"METRICS_TOKEN": made})["METRICS_TOKEN"] == made
    assert site_settings(options, {"METRICS_TOKEN": ""})["METRICS_TOKEN"] == ""


def test_an_option_is_remembered_until_another_is_given():
    first = options.remembered(options.read(["--db-host", "a", "--host", "x"]), {})
    assert (first["DB_HOST"], first["DB_PORT"], first["ALLOWED_HOSTS"]) == ("a", "3306", "x")
    again = options.remembered(options.read(["--db-port", "1", "--domain", "y"]), first)
    assert (again["DB_HOST"], again["DB_PORT"], again["ALLOWED_HOSTS"]) == ("a", "1", "y,x")


@pytest.mark.parametrize(
    "words",
    [
        ["--db-host", "a b"],
        ["--domain", "x; return 200"],
        ["--db-secret", "file:relative"],
        ["--source", "relative/path"],
        ["--upgrade", "--output=/etc/passwd"],
        ["--host", "x,y"],
    ],
    ids=lambda words: words[0],
)
def test_an_option_that_makes_no_sense_is_refused(words):
    with pytest.raises((Refusal, SystemExit)):
        options.read(words)


@pytest.mark.parametrize(
    ("status", "body", "well"),
    [
        (200, b"{}", True),
        (503, b'{"reason": "no_run"}', True),
        (503, b'{"reason": "database_unreachable", "detail": "x"}', False),
        (301, b"", False),
        (502, b"<html>", False),
    ],
)
def test_a_site_without_a_run_is_well_and_one_without_a_database_is_not(status, body, well):
    assert (health.judge(status, body).trouble == "") is well


def test_what_the_site_warns_of_is_no_trouble():
    body = b'{"warnings": [{"reason": "run_is_old", "detail": "Run 3 is 60 hours old."}]}'
    assert health.judge(200, body) == ("", ("Run 3 is 60 hours old.",), True)


def test_the_alarms_of_a_stack_hear_how_the_site_is(capsys, monkeypatch):
    with aws.moto_server() as endpoint:
        for name, value in aws.environment(endpoint).items():
            monkeypatch.setenv(name, value)
        health.report("recsys", health.Verdict("no answer", (), True))
        told = boto3.client("cloudwatch").list_metrics(Namespace="recsys")["Metrics"]
        values = [
            boto3.client("cloudwatch").get_metric_statistics(
                Namespace="recsys", MetricName=metric["MetricName"],
                Dimensions=[{"Name": "Stack", "Value": "recsys"}], Period=7200,
                StartTime=datetime.now(UTC) - timedelta(hours=1),
                EndTime=datetime.now(UTC) + timedelta(hours=1), Statistics=["Maximum"],
            )["Datapoints"][0]["Maximum"]
            for metric in told
        ]  # fmt: skip
    assert values == [0.0, 0.0]
    health.report("recsys", health.Verdict())
    assert capsys.readouterr().out.startswith("warning: could not report to CloudWatch: ")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("Traceback\n  raise X\ndjango.db.utils.OperationalError: (2002, 'no')\n", "(2002, 'no')"),
        ("ERRORS:\n?: (app.E001) The database uses latin1.\n\tHINT: x\n\nfound 1 issue", "latin1"),
        ("ERROR: No matching distribution\n[notice] pip is old", "No matching distribution"),
        ("", "it failed without output"),
    ],
)
def test_of_many_lines_the_telling_one_is_shown(said, line):
    assert line in telling_line(said)


def test_a_failing_command_shows_no_password(tmp_path, monkeypatch):
    monkeypatch.setattr(system, "LOG", tmp_path / "setup.log")
    with pytest.raises(Refusal, match="X: Error: \\*\\*\\*; mend it"):
        system.run(
            ["sh", "-c", "echo Error: $DB_PASSWORD; exit 1"],
            step="X", remedy="mend it", environment={"DB_PASSWORD": "hidden"},
        )  # fmt: skip
    assert "hidden" not in (tmp_path / "setup.log").read_text()
    assert (tmp_path / "setup.log").stat().st_mode & 0o777 == 0o600


def test_what_was_put_is_taken_back_latest_first(tmp_path, capsys):
    changes, file = Changes(), tmp_path / "file"
    file.write_text("before")
    mine = {"owner": file.owner(), "group": file.group(), "mode": 0o600}
    assert changes.put(file, "now", **mine)
    assert not changes.put(file, "now", **mine)
    assert changes.put(tmp_path / "new", "new", **mine)
    changes.undo()
    assert (file.read_text(), (tmp_path / "new").exists()) == ("before", False)
    assert capsys.readouterr().out == f"changed: {file}\nchanged: {tmp_path / 'new'}\n"
