"""System checks of the database and the settings before the site is migrated or served."""

import re
from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

ROWS = {"SELECT", "INSERT", "UPDATE", "DELETE"}


@register(Tags.database)
def check_character_set(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Titles in every script need utf8mb4; some servers still create schemas in latin1."""
    problems: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor == "mysql":
            problems += _character_set_problems(connection)
    return problems


def _character_set_problems(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@character_set_database")
        (character_set,) = cursor.fetchone()
    if character_set == "utf8mb4":
        return []
    name = connection.settings_dict["NAME"]
    return [
        Error(
            f"The database {name} uses the character set {character_set}.",
            hint=f"ALTER DATABASE `{name}` CHARACTER SET utf8mb4; before the first migrate.",
            id="app.E001",
        )
    ]


@register(Tags.database, deploy=True)
def check_rights(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Whoever takes over the site can do whatever the site's database user can do."""
    found = (connections[alias] for alias in databases or ())
    return [
        warning
        for connection in found
        if connection.vendor == "mysql"
        for warning in _too_many_rights(connection)
    ]


def _too_many_rights(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW GRANTS")
        wide = [grant for (grant,) in cursor.fetchall() if _is_wide(grant)]
    if not wide:
        return []
    return [
        Warning(
            f"{connection.settings_dict['USER']} may do more in the database than the site needs.",
            hint="Give the site a user of its own, with rights on rows and none on tables: "
            "--db-admin-secret of ec2_setup.sh makes one; see START_HERE.md, section 10.",
            id="app.W002",
        )
    ]


def _is_wide(grant: str) -> bool:
    """Whether a grant covers more than one table, or more than the rows of a table."""
    match = re.match(r"GRANT (.+?) ON (\S+\.\S+) TO ", grant)
    if not match:
        return False  # a role, whose rights are on lines of their own
    rights, place = set(match[1].split(", ")), match[2]
    return rights != {"USAGE"} and (place.endswith(".*") or not rights <= ROWS)


@register(Tags.security, deploy=True)
def check_proxy(**_: object) -> list[CheckMessage]:
    """Without a proxy a few slow clients can occupy all threads of gunicorn."""
    if settings.TRUSTED_PROXY:
        return []
    return [
        Warning(
            "TRUSTED_PROXY is not set: nothing says that there is a proxy in front of the site.",
            hint="Put nginx or another proxy that buffers requests in front of gunicorn, and set "
            "its address, or unix for a socket's file: see .env.example.",
            id="app.W001",
        )
    ]
