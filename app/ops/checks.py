"""What must hold of the database before it is migrated or served."""

from collections.abc import Sequence

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


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
