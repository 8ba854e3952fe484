"""Databases that a test can publish into: migrated, empty, and each test's own."""

import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.support.mariadb import Server

ROOT = Path(__file__).resolve().parent.parent.parent


class Target(Protocol):
    """One database. `address` is for the job, `environment` for the site and for credentials."""

    @property
    def address(self) -> str: ...

    @property
    def environment(self) -> dict[str, str]: ...

    def rows(self, sql: str) -> list[tuple]: ...

    def execute(self, sql: str) -> None: ...


@dataclass
class SQLiteTarget:
    path: Path

    @property
    def address(self) -> str:
        return f"sqlite:///{self.path}"

    @property
    def environment(self) -> dict[str, str]:
        return {"SQLITE_PATH": str(self.path), "DB_HOST": ""}

    def rows(self, sql: str) -> list[tuple]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql).fetchall()

    def execute(self, sql: str) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(sql)


@dataclass
class MariaDBTarget:
    server: Server
    schema: str

    @property
    def address(self) -> str:
        return f"mysql://127.0.0.1:{self.server.port}/{self.schema}"

    @property
    def environment(self) -> dict[str, str]:
        return self.server.environment(self.schema)

    def rows(self, sql: str) -> list[tuple]:
        return self.server.execute(sql, schema=self.schema)

    def execute(self, sql: str) -> None:
        self.server.execute(sql, schema=self.schema)


def manage(
    target: Target, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run manage.py against the target, as an operator would."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"ENV_FILE": "/dev/null"} | target.environment | environment,
        check=True,
        capture_output=True,
    )


def statuses(target: Target) -> list[str]:
    """Of the runs in the target, the oldest first."""
    return [status for (status,) in target.rows("SELECT status FROM app_run ORDER BY id")]


class SQLiteTargets:
    """Copies of a file that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = itertools.count()
        self.template = SQLiteTarget(folder / "template.sqlite3")
        manage(self.template, "migrate")

    def make(self) -> SQLiteTarget:
        path = self.folder / f"{next(self.number)}.sqlite3"
        shutil.copy(self.template.path, path)
        return SQLiteTarget(path)


class MariaDBTargets:
    """Copies of a schema that was migrated once."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.number = itertools.count()
        self.template = MariaDBTarget(server, "template")
        server.create_schema("template")
        manage(self.template, "migrate")

    def make(self) -> MariaDBTarget:
        target = MariaDBTarget(self.server, f"test_{next(self.number)}")
        self.server.create_schema(target.schema)
        for (table,) in self.template.rows("SHOW TABLES"):
            target.execute(f"CREATE TABLE `{table}` LIKE template.`{table}`")
            target.execute(f"INSERT INTO `{table}` SELECT * FROM template.`{table}`")
        return target
