"""The look for known holes: the real pip-audit, asking a server of ours."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.targets import ROOT

NOWHERE = "http://127.0.0.1:9/"
HOLE = {
    "id": "GHSA-test",
    "affected": [
        {
            "package": {"name": "django", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.0"}]}],
        }
    ],
}


class Advisories(BaseHTTPRequestHandler):
    """Answers as OSV does: Django has a hole, nothing else has."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(
            {"vulns": [HOLE]} if asked["package"]["name"] == "django" else {}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def advisories() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def audit(tmp_path):
    """The command over three pins; (status, what it prints)."""

    def audit(pins: str, server: str, *options: str) -> tuple[int, str, str]:
        requirements = tmp_path / "requirements.txt"
        requirements.write_text(pins.replace(" ", "\n"))
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.audit", "--requirements", requirements,
             "--kept", tmp_path / "known-holes.json", "--osv-url", server, *options],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    return audit


def test_a_hole_is_named_and_known_later_without_the_server(audit, advisories):
    hole = "django==4.2: GHSA-test, mended in 5.0"
    asked = audit("django==4.2 pytz==2025.1", advisories, "--refresh")
    assert asked[:2] == (
        1, f"{hole}\nknown holes: 1; of 2 packages 2 asked for now, 0 NOT looked at"
    )  # fmt: skip
    code, said, _ = audit("django==4.2 pytz==2025.1 sqlparse==0.5.1", NOWHERE)
    assert code == 1
    first, last = said.splitlines()
    assert first == hole
    assert last.startswith("known holes: 1; of 3 packages 0 asked for now, 2 looked up as of 20")
    assert last.endswith(", 1 NOT looked at")


def test_what_nobody_looked_at_is_counted_and_nothing_is_kept_of_it(audit, tmp_path):
    code, said, error = audit("pytz==2025.1", NOWHERE)
    assert (code, said) == (0, "known holes: 0; of 1 packages 0 asked for now, 1 NOT looked at")
    code, said, error = audit("pytz==2025.1", NOWHERE, "--refresh")
    assert (code, said) == (1, "")
    assert error.startswith("error: the advisories' server told about 0 of 1 packages and not")
    assert not (tmp_path / "known-holes.json").exists()
