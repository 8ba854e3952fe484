"""The database users: the site, the job, and the administrator, who creates both and migrates.

Without an administrator's password the site's user does everything, as on a server where one user
owns the schema. With it the site's user is created, and may do only what `rights.py` says.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from aws_deployment.machine import database, options
from aws_deployment.machine.system import Changes, Refusal, run

Settings = Mapping[str, str]


def administrator(version: Path, values: Settings) -> dict[str, str]:
    """DB_USER and DB_PASSWORD of the administrator; empty if none was given."""
    reference = values["SETUP_ADMIN_SECRET"]
    if not reference:
        return {}
    found = database.resolve(version, reference, values["SETUP_ADMIN_USER"])
    if found["DB_USER"] == values["DB_USER"]:
        raise Refusal(
            f"--db-secret and --db-admin-secret are both of the user {found['DB_USER']}: the site "
            "needs its own; name it with --db-user, or in the secret"
        )
    return found


def give(changes: Changes, version: Path, values: Settings, admin: Settings) -> None:
    """Create the users of the site and the job, and grant what this version needs."""
    _grants(changes, "give", version, values, admin)


def take(changes: Changes, version: Path, values: Settings, admin: Settings) -> None:
    """Revoke what only an earlier version needed, now that it no longer runs."""
    _grants(changes, "take", version, values, admin)


def _grants(
    changes: Changes, command: str, version: Path, values: Settings, admin: Settings
) -> None:
    """Run the version's own statements: it knows its tables."""
    if not admin or not (version / "aws_deployment/machine/grants.py").is_file():
        return
    users = _users(version, values)
    output = run(
        [version / ".venv/bin/python", "-B", "-m", "aws_deployment.machine.grants", command],
        step="rights in the database",
        remedy="the administrator of --db-admin-secret must be able to create users and to grant",
        cwd=version,
        stdin=json.dumps({"server": _server(values), "admin": _user(admin), "users": users}),
        hidden=[admin["DB_PASSWORD"], *(user["password"] for user in users.values())],
    )
    for line in output.splitlines():
        changes.note(line)


def _server(values: Settings) -> dict[str, object]:
    return {
        "host": values["DB_HOST"],
        "port": int(values["DB_PORT"]),
        "schema": values["DB_NAME"],
        "ca": values["DB_SSL_CA"],
    }


def _users(version: Path, values: Settings) -> dict[str, dict[str, str]]:
    """Role -> user and password. Raises Refusal if two of them are the same."""
    users = {"site": _user(values)}
    if reference := values["SETUP_JOB_SECRET"]:
        users["job"] = _user(database.resolve(version, reference, values["SETUP_JOB_USER"]))
    names = [user["user"] for user in users.values()]
    if len({*names}) < len(names):
        raise Refusal(f"site and job are both the user {names[0]}: give each its own")
    for name in names:
        pattern, allowed = options.USER
        if not re.fullmatch(pattern, name):
            raise Refusal(f"the database user {name!r}: use {allowed}")
    return users


def _user(credentials: Settings) -> dict[str, str]:
    return {"user": credentials["DB_USER"], "password": credentials["DB_PASSWORD"]}
