"""Check the site's health: the set-up through gunicorn's socket, a timer through nginx.

python -m aws_deployment.machine.health [PORT]

asks nginx as a visitor would, and exits with a non-zero status when the site is not well.
Warnings of the site itself, such as an old run, are printed and are not a failure.
"""

import json
import socket
import ssl
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple

from aws_deployment.machine import memory

SOCKET = "/run/recsys/gunicorn.sock"
ANSWER_SECONDS = 20
# gunicorn is ready when systemd says so; this is for a brief outage of the database.
PATIENCE_SECONDS = 5


class Verdict(NamedTuple):
    """What is wrong, if anything, and the site's warnings."""

    trouble: str = ""
    warnings: tuple[str, ...] = ()
    is_stale: bool = False


def main() -> None:
    values = memory.load()
    https = values.get("HTTPS") == "1"
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 443 if https else 80
    name = site_name(values)
    verdict = ask(lambda: _through_nginx(name, port, https), name=name, https=https)
    for warning in verdict.warnings:
        print(f"warning: {warning}")
    if stack := values.get("SETUP_STACK"):
        report(stack, verdict)
    sys.exit(f"warning: the site is not well: {verdict.trouble}" if verdict.trouble else 0)


def report(stack: str, verdict: Verdict) -> None:
    """Report to CloudWatch, for the stack's alarms. A failure to do so is not the site's."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from aws_deployment.machine import report  # noqa: PLC0415  # the set-up has no boto3

    try:
        report.send(stack, is_well=not verdict.trouble, is_fresh=not verdict.is_stale)
    except (BotoCoreError, ClientError) as error:
        print(f"warning: could not report to CloudWatch: {error}")


def site_name(values: dict[str, str]) -> str:
    """The first name that the site accepts."""
    return values["ALLOWED_HOSTS"].split(",")[0]


def wait(values: dict[str, str]) -> str:
    """Poll gunicorn until it is well or patience ends. Return the last error, or nothing."""
    name, https = site_name(values), values["HTTPS"] == "1"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while trouble := ask(_through_socket, name=name, https=https).trouble:
        if time.monotonic() > deadline:
            return trouble
        time.sleep(0.5)
    return ""


def ask(connect: Callable[[], socket.socket], *, name: str, https: bool) -> Verdict:
    try:
        connection = HTTPConnection(name, timeout=ANSWER_SECONDS)
        connection.sock = connect()
        proto = "https" if https else "http"
        connection.request("GET", "/health/", headers={"X-Forwarded-Proto": proto})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, HTTPException) as error:
        return Verdict(f"{type(error).__name__}: {error}")
    return judge(answer.status, body)


def judge(status: int, body: bytes) -> Verdict:
    """Judge an answer: a missing run is up to the job, not a failure."""
    answer = _parsed(body)
    if status == 200 or (status == 503 and answer.get("reason") == "no_run"):
        warnings = answer.get("warnings", [])
        is_stale = any(warning["reason"] == "run_is_old" for warning in warnings)
        return Verdict("", tuple(warning["detail"] for warning in warnings), is_stale)
    return Verdict(f"/health/ answers {status} {answer.get('detail', '')}".rstrip())


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _through_socket() -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(ANSWER_SECONDS)
    connection.connect(SOCKET)
    return connection


def _through_nginx(name: str, port: int, https: bool) -> socket.socket:
    """Over loopback under the site's name, so an expired certificate is noticed as well."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
    if not https:
        return connection
    return ssl.create_default_context().wrap_socket(connection, server_hostname=name)


if __name__ == "__main__":
    main()
