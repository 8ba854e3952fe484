"""The users of the database, made by the statements of the set-up, and who makes them."""

import json
import secrets
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass

import MySQLdb

from tests.support.targets import ROOT, MariaDBTarget

PASSWORDS = {who: f'o\'ne \\ "{who}" %s {secrets.token_hex(4)}' for who in ("site", "job")}


@dataclass
class As(MariaDBTarget):
    """The target as one of its users."""

    user: str
    password: str

    @property
    def environment(self):
        return super().environment | {"DB_USER": self.user, "DB_PASSWORD": self.password}

    def run(self, sql):
        with closing(self._connect()) as connection:
            connection.cursor().execute(sql)

    def _connect(self):
        return MySQLdb.connect(
            host="127.0.0.1", port=self.server.port, user=self.user, password=self.password,
            db=self.schema, charset="utf8mb4",
        )  # fmt: skip


@contextmanager
def administrator(target):
    """Who may do what RDS's master may, and that is not all: no SUPER, no file, no shutdown."""
    allowed = (
        "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER,"
        " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE,"
        " ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
    )
    target.execute("CREATE USER the_master IDENTIFIED BY 'pw'")
    target.execute(f"GRANT {allowed} ON *.* TO the_master WITH GRANT OPTION")
    yield {"user": "the_master", "password": "pw"}
    target.execute("DROP USER the_master")


def grants(command, target, admin, users):
    """As the set-up runs it: passwords through a pipe, and nothing of them in what it says."""
    asked = {
        "server": {"host": "127.0.0.1", "port": target.server.port, "schema": target.schema,
                   "ca": ""},
        "admin": admin,
        "users": {who: {"user": one.user, "password": one.password} for who, one in users.items()},
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "aws_deployment.machine.grants", command],
        cwd=ROOT, input=json.dumps(asked), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not any(one.password in done.stdout for one in users.values())
    return done.stdout
