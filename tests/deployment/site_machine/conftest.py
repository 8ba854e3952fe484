"""A fresh machine that becomes the site, once for all tests of this folder."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from tests.deployment.database import NAME, make_authority, mariadb_with_tls
from tests.deployment.machine import Supervisor, fresh_machine
from tests.deployment.site_machine.site import (
    AUTHORITY,
    VAR,
    Site,
    options,
    prepare_database,
    prepare_secret,
    setup_script,
)


@pytest.fixture(scope="package")
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
