"""gunicorn as it is configured: what it refuses, what it logs, how it fails."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections import Counter
from itertools import count

import pytest

from tests.support.processes import descendants, wait_until
from tests.support.server import PRODUCTION, get, gunicorn
from tests.support.targets import ROOT, manage


@pytest.fixture(scope="module")
def served(sqlite_targets, tmp_path_factory):
    """(address, log) of one site for all tests here."""
    log = tmp_path_factory.mktemp("log") / "log"
    with gunicorn(sqlite_targets.make(), log=log, **PRODUCTION) as (_, address):
        yield address, log


def speak(address, request):
    """What comes back for these bytes: the head's lines, and the JSON."""
    url = urllib.parse.urlsplit(address)
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.decode().partition("\r\n\r\n")
    return head.splitlines(), json.loads(body)


HOST = b"Host: 127.0.0.1\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /?q=" + b"a" * 10_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 10_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 60 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"no colon\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"G{T / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET / HTTP/0.5\r\n" + HOST + b"\r\n", 400),
        (b"GET / HTTP/7\r\n" + HOST + b"\r\n", 505),
        (b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", 505),
        (b"CONNECT 127.0.0.1:80 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: secret\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\n" + HOST + b"Expect: a miracle\r\n\r\n", 417),
    ],
)
def test_what_cannot_be_read_is_answered_with_a_problem(served, request_, status):
    head, problem = speak(served[0], request_)
    assert head[0].split()[1] == str(status)
    assert "Content-Type: application/problem+json" in head
    assert any(line.startswith("X-Request-ID: ") for line in head)
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]


def test_a_refusal_is_logged_without_what_was_refused(served):
    address, log = served
    head, _ = speak(address, b"GET / HTTP/1.1\r\nPassword: \x01secret-of-somebody\r\n\r\n")
    id_ = next(line.split(": ")[1] for line in head if line.startswith("X-Request-ID"))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (line,) = [line for line in lines if line["request_id"] == id_]
    assert line["message"] == "Refused a request with 400: InvalidHeader"
    assert "secret-of-somebody" not in log.read_text()


def test_no_client_says_where_the_site_is(served):
    head, live = speak(
        served[0],
        b"GET /health/live/ HTTP/1.1\r\nConnection: close\r\nSCRIPT_NAME: /x\r\n" + HOST + b"\r\n",
    )
    assert (head[0].split()[1], live["status"]) == ("200", "alive")


def test_of_a_kind_of_refusals_only_some_are_logged(sqlite_target, tmp_path):
    log = tmp_path / "log"
    alone = PRODUCTION | {"WEB_CONCURRENCY": "1", "ACCESS_LOG": "0"}
    with gunicorn(sqlite_target, log=log, **alone) as (_, address):
        for number in range(30):
            for path in ("/wp-login.php", "/stats/"):
                assert get(f"{address}{path}", Host=f"{number}.evil.test")[0] == 400
            assert get(f"{address}/{number}.php")[0] == 404
            speak(address, b"G{T / HTTP/1.1\r\n\r\n")
    told = [json.loads(line) for line in log.read_text().splitlines()]
    # Python's own warnings are of this machine: there may be no collected static files.
    lines = [line for line in told if "UserWarning" not in line["message"]]
    assert {line["level"] for line in lines} == {"WARNING"}
    said = [line["message"].partition(" (no more")[0] for line in lines]
    kinds = Counter(re.sub(r"\d+\.", "N.", one) for one in said)
    assert kinds == {
        "Refused a request for the host 'N.evil.test'": 10,
        "Not Found: /N.php": 10,
        "Refused a request with 400: InvalidRequestMethod": 10,
    }
    assert (
        sum(line["message"].endswith("(no more of this kind for a minute)") for line in lines) == 3
    )


def test_in_production_every_line_is_json_and_every_request_has_one(served):
    address, log = served
    get(f"{address}/stats/?limit=1", **{"X-Request-ID": "the-only-one"})
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (line,) = [line for line in lines if line["request_id"] == "the-only-one"]
    assert (line["logger"], line["path"], line["status"]) == ("app.access", "/stats/", 400)


def test_text_is_for_people(sqlite_target, tmp_path):
    log = tmp_path / "log"
    with gunicorn(sqlite_target, log=log, **PRODUCTION, LOG_FORMAT="text") as (_, address):
        get(f"{address}/stats/?limit=1", **{"X-Request-ID": "the-only-one"})
    assert " INFO app.access [the-only-one]: GET '/stats/' 400, " in log.read_text()


def test_no_access_log_where_none_is_wanted(sqlite_target, tmp_path):
    log = tmp_path / "log"
    with gunicorn(sqlite_target, log=log, **PRODUCTION, ACCESS_LOG="0") as (_, address):
        get(f"{address}/stats/")
    assert "app.access" not in log.read_text()


def answered_over_sixteen_connections(address, log, name):
    """By which process how many were answered."""
    url = urllib.parse.urlsplit(address)
    opened = [socket.create_connection((url.hostname, url.port), timeout=30) for _ in range(16)]
    for connection in opened:
        line = f"GET /health/live/ HTTP/1.1\r\nX-Request-ID: {name}\r\n"
        connection.sendall(line.encode() + HOST + b"\r\n")
    for connection in opened:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.close()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return Counter(line["process"] for line in lines if line["request_id"] == name)


def test_connections_that_stay_are_spread_over_the_workers(served):
    names = (f"kept-open-{number}" for number in count())
    wait_until(lambda: len(answered_over_sixteen_connections(*served, next(names))) == 2)
    rounds = [answered_over_sixteen_connections(*served, next(names)) for _ in range(4)]
    answered = sum(rounds, Counter())
    assert sum(answered.values()) == 64
    assert len(answered) == 2 and min(answered.values()) >= 16


PUBLISH = """
from app.models import Run
from tests.site.factories import make_run
Run.objects.update(status="superseded")
make_run()
"""


def test_a_replaced_worker_shows_what_is_current_and_not_what_it_was_forked_with(
    sqlite_target, tmp_path
):
    publish = ("shell", "--no-imports", "--command", PUBLISH)
    manage(sqlite_target, *publish)
    with gunicorn(sqlite_target, log=tmp_path / "log", WEB_CONCURRENCY="1") as (process, address):
        assert json.loads(get(f"{address}/stats/")[1])["run"]["id"] == 1
        manage(sqlite_target, *publish)
        (worker,) = descendants(process.pid)
        os.kill(worker, signal.SIGTERM)
        wait_until(lambda: worker not in descendants(process.pid))
        assert json.loads(get(f"{address}/stats/")[1])["run"]["id"] == 2


def test_a_worker_that_nobody_asks_sees_a_publish_all_the_same(sqlite_target, tmp_path):
    publish = ("shell", "--no-imports", "--command", PUBLISH)
    manage(sqlite_target, *publish)
    with gunicorn(sqlite_target, log=tmp_path / "log", WEB_CONCURRENCY="1") as (_, address):
        assert json.loads(get(f"{address}/stats/")[1])["run"]["id"] == 1
        manage(sqlite_target, *publish)
        time.sleep(3)
        assert json.loads(get(f"{address}/stats/")[1])["run"]["id"] == 2


def test_a_missing_setting_is_named_in_a_line():
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--config", "python:recsys.gunicorn", "recsys.wsgi"],
        cwd=ROOT,
        env=os.environ | {"ENV_FILE": "/dev/null"} | PRODUCTION | {"SECRET_KEY": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "DEBUG is off, so SECRET_KEY must be set" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_worker_does_not_miss_a_signal_that_comes_right_after_its_fork(sqlite_target, tmp_path):
    config, forked = tmp_path / "config.py", tmp_path / "forked"
    config.write_text(
        "import os, signal\n"
        "from recsys.gunicorn import *\n"
        "def post_fork(server, worker):\n"
        f"    with open({str(forked)!r}, 'a') as file:\n"
        "        print(os.getpid(), file=file)\n"
        "    if worker.age == 1:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
    )
    with gunicorn(sqlite_target, config=str(config), WEB_CONCURRENCY="1") as (process, _):
        ended, serving = forked.read_text().split()
        assert [str(child) for child in descendants(process.pid)] == [serving] != [ended]
