"""The steps, in order. Called by `ec2_setup.sh`, whose header explains the options."""

import fcntl
import os
import secrets
import signal
import sys

from aws_deployment.machine import database, memory, options, release, service, users
from aws_deployment.machine.system import MIGRATOR, USER, Changes, Refusal, make_user

LOCK = "/run/recsys-setup.lock"


def main() -> None:
    os.umask(0o022)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("error: stopped"))
    changes = Changes()
    try:
        with open(LOCK, "w") as lock:
            _only_one(lock.fileno())
            set_up(changes, sys.argv[1:])
    except BaseException as error:
        changes.undo()
        if isinstance(error, Refusal | OSError):
            sys.exit(f"error: {error}")
        raise
    print(f"changed: {len(changes.notes)} in all" if changes.notes else "nothing changed")


def set_up(changes: Changes, arguments: list[str]) -> None:
    asked = options.read(arguments)
    known = memory.load()
    values = options.remembered(asked, known)
    options.check_complete(values, known)
    authorities = database.authorities(asked.db_ca)
    for name in (USER, MIGRATOR):
        make_user(changes, name)
    service.folders(changes)
    version = release.wanted(changes, asked.upgrade, values["SETUP_SOURCE"])
    values |= database.credentials(version, values, known) | site_settings(values, known)
    admin = users.administrator(version, values)
    with database.on_trial(authorities) as trial:
        release.prepare(changes, version, values | trial, admin)
        users.give(changes, version, values | trial, admin)
    service.switch(changes, version, values, authorities)
    service.look_after(changes)
    service.serve(changes, values)
    users.take(changes, version, values, admin)
    release.prune(changes)


def site_settings(values: dict[str, str], known: dict[str, str]) -> dict[str, str]:
    """The site's settings besides the database; key and token are generated once and kept.

    An empty token stays empty: the site then has no /metrics.
    """
    return {
        "DEBUG": "0",
        "SECRET_KEY": known.get("SECRET_KEY") or secrets.token_urlsafe(50),
        # Its tables are created, and rights on them granted, only if it is on.
        "ADMIN_SECOND_FACTOR": known.get("ADMIN_SECOND_FACTOR", "0"),
        "METRICS_TOKEN": known.get("METRICS_TOKEN", secrets.token_urlsafe(32)),
        "HTTPS": "1" if values["SETUP_DOMAIN"] else "0",
        "TRUSTED_PROXY": "unix",
        "DB_SSL_CA": str(database.AUTHORITIES),
    }


def _only_one(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Refusal("another setup is running: wait until it is done") from None


if __name__ == "__main__":
    main()
