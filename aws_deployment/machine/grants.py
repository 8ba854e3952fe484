"""Create the database users of the site and of the job, with the rights in `rights.py`.

python -m aws_deployment.machine.grants show SCHEMA SITE JOB

prints the statements, for an administrator to run once the tables exist. The set-up calls it with
the site's own packages, as the administrator, with the passwords through a pipe:

    give   creates missing users and grants what they lack
    take   revokes what they do not need, once the version that needed it is gone
"""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from aws_deployment.machine import rights

ROLES = {"site": rights.SITE, "job": rights.JOB}
IF_THERE = {"site": rights.SECOND_FACTOR, "job": {}}
"""Tables that not every database has."""
CONNECT_SECONDS, STATEMENT_SECONDS = 10, 60
ACCESS_DENIED = 1045
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
ON_TABLES = (
    "SELECT table_name, privilege_type FROM information_schema.table_privileges"
    " WHERE grantee = %s AND table_schema = %s"
)
ON_SCHEMA = (
    "SELECT table_schema, privilege_type FROM information_schema.schema_privileges"
    " WHERE grantee = %s AND table_schema IN (%s, %s)"
)
REVOCABLE = {
    *rights.ALL, "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER", "CREATE TEMPORARY TABLES",
    "LOCK TABLES", "EXECUTE", "CREATE VIEW", "SHOW VIEW", "CREATE ROUTINE", "ALTER ROUTINE",
    "EVENT", "TRIGGER",
}  # fmt: skip
"""What RDS's master has itself: without a right it cannot revoke it from others."""


@dataclass(frozen=True)
class Server:
    """Where the schema is, and the certificates to verify the server with; empty: none."""

    host: str
    port: int
    schema: str
    ca: str

    def connect(self, user: str, password: str) -> Any:
        """Connect without a schema, because a user without any right may do so as well."""
        import MySQLdb  # noqa: PLC0415  # one of the site's packages

        tls = {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": self.ca}} if self.ca else {}
        return MySQLdb.connect(
            host=self.host, port=self.port, user=user, password=password, charset="utf8mb4",
            connect_timeout=CONNECT_SECONDS, read_timeout=STATEMENT_SECONDS, **tls,
        )  # fmt: skip

    def lets_in(self, user: str, password: str) -> bool:
        import MySQLdb  # noqa: PLC0415

        try:
            self.connect(user, password).close()
        except MySQLdb.OperationalError as error:
            if error.args[0] == ACCESS_DENIED:
                return False
            raise
        return True


def statements(schema: str, user: str, wanted: rights.Rights) -> Iterator[str]:
    """One GRANT per table."""
    for table, allowed in wanted.items():
        yield f"GRANT {', '.join(allowed)} ON {_quoted(schema)}.{_quoted(table)} TO '{user}'@'%'"


def give(server: Server, cursor: Any, user: str, password: str, wanted: rights.Rights) -> None:
    """Create the user if missing, set its password and grant what it lacks; report the changes."""
    if not server.lets_in(user, password):
        # A server that requires TLS of the administrator gets it required of everybody.
        way = " REQUIRE SSL" if server.ca else ""
        cursor.execute(f"CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED BY %s{way}", [user, password])
        cursor.execute(f"ALTER USER %s@'%%' IDENTIFIED BY %s{way}", [user, password])
        print(f"database user {user}")
    lacking = _without(wanted, _rights_on_tables(server, cursor, user))
    for statement in statements(server.schema, user, lacking):
        cursor.execute(statement)
    if lacking:
        print(f"rights of {user} on {len(lacking)} tables")


def take(server: Server, cursor: Any, user: str, wanted: rights.Rights) -> None:
    """Revoke rights on the whole schema, and on tables those that the user does not need."""
    name = server.schema
    wide = _read_rights(cursor, ON_SCHEMA, _grantee(user), name, name.replace("_", "\\_"))
    for pattern, some in wide.items():
        _revoke(cursor, user, some, f"{_quoted(pattern)}.*")
    for table, some in _without(_rights_on_tables(server, cursor, user), wanted).items():
        _revoke(cursor, user, some, f"{_quoted(name)}.{_quoted(table)}")


def _revoke(cursor: Any, user: str, some: tuple[str, ...], place: str) -> None:
    listed = ", ".join(right for right in some if right in REVOCABLE)
    if listed:
        cursor.execute(f"REVOKE {listed} ON {place} FROM %s@'%%'", [user])
        print(f"revoked from {user}: {listed} on {place}")


def _rights_on_tables(server: Server, cursor: Any, user: str) -> rights.Rights:
    return _read_rights(cursor, ON_TABLES, _grantee(user), server.schema)


def _read_rights(cursor: Any, question: str, *values: str) -> rights.Rights:
    """Table or schema in the rows -> the rights on it."""
    cursor.execute(question, values)
    found: dict[str, tuple[str, ...]] = {}
    for place, right in cursor.fetchall():
        found[place] = (*found.get(place, ()), right)
    return found


def _without(some: rights.Rights, others: rights.Rights) -> rights.Rights:
    left = {
        table: tuple(right for right in allowed if right not in others.get(table, ()))
        for table, allowed in some.items()
    }
    return {table: allowed for table, allowed in left.items() if allowed}


def _grantee(user: str) -> str:
    return f"'{user}'@'%'"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def main() -> None:
    command, *words = sys.argv[1:]
    if command == "show":
        schema, *users = words
        for user, wanted in zip(users, ROLES.values(), strict=True):
            print(*statements(schema, user, wanted), sep=";\n", end=";\n")
    else:
        _carry_out(command, json.load(sys.stdin))


def _carry_out(command: str, asked: dict[str, Any]) -> None:
    server = Server(**asked["server"])
    with closing(server.connect(**asked["admin"])) as connection:
        cursor = connection.cursor()
        cursor.execute(TABLES, [server.schema])
        there = {name for (name,) in cursor.fetchall()}
        for role, user in asked["users"].items():
            wanted = _wanted(role, there)
            if command == "give":
                give(server, cursor, **user, wanted=wanted)
            else:
                take(server, cursor, user["user"], wanted)


def _wanted(role: str, there: set[str]) -> rights.Rights:
    others = {table: allowed for table, allowed in IF_THERE[role].items() if table in there}
    return {**ROLES[role], **others}


if __name__ == "__main__":
    main()
