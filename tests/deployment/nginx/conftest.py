"""nginx as the machine has it, once for all tests of this folder.

The real nginx with the very configuration; only what it stands before is written here, for the
real site does not fail when it is told to. site_machine/ has nginx before the real site.
"""

import socket
import tempfile
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from aws_deployment.machine import service
from tests.deployment.machine import Machine, Supervisor, fresh_machine
from tests.deployment.nginx.site import Answering, Front, Site
from tests.support.processes import wait_until
from tests.support.targets import ROOT

VAR = ROOT / "var"
LISTS = count()
# This machine has one IPv6 address, so a test has to say where else it comes from.
NAMED_ADDRESS = "set_real_ip_from 127.0.0.0/8; real_ip_header X-Test-Address;"


@pytest.fixture(scope="package")
def machine() -> Iterator[Machine]:
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR, prefix="machine-") as folder:
        machine = fresh_machine(Path(folder))
        install = "apt-get -qq update && apt-get -qq install --no-install-recommends -y nginx"
        done = machine.run("sh", "-c", install, DEBIAN_FRONTEND="noninteractive")
        assert done.returncode == 0, done.stderr
        yield machine


@pytest.fixture(scope="package")
def front(machine) -> Iterator[Front]:
    """nginx by the steps of service.py: its file, the log's folder, the default site gone."""
    machine.path("/var/log/recsys").mkdir()
    machine.path("/etc/nginx/sites-enabled/default").unlink()
    text = service.render("nginx.conf", LISTEN=service.render("nginx-http.conf").strip())
    machine.path(str(service.SITE)).write_text(text)
    machine.path("/etc/nginx/ports.d").mkdir()
    machine.path("/etc/nginx/ports.d/addresses.conf").write_text(NAMED_ADDRESS)
    supervisor = Supervisor(machine)
    try:
        assert machine.run("nginx", "-t", "-q").stderr == ""
        assert supervisor.front() == 0
        wait_until(lambda: answers(supervisor.http), what="nginx")
        yield Front(machine, supervisor.http)
    finally:
        supervisor.close()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="package")
def any_site(machine) -> Iterator[Site]:
    path = machine.path("/run/recsys/gunicorn.sock")
    path.parent.mkdir()
    with Site(str(path), Answering) as site:
        path.chmod(0o666)
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site
        site.shutdown()


@pytest.fixture
def site(any_site) -> Site:
    any_site.be_well()
    return any_site


@pytest.fixture
def listed() -> str:
    """An address that nobody asked for yet."""
    return f"/recommendations/?offset={next(LISTS)}"
