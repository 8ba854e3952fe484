"""What a page asks the database, and how MariaDB carries it out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

VERSION = ("FROM app_run r WHERE", "FROM app_curation\nWHERE (until IS NULL")
"""How the version check begins, which every process of the site makes once a second."""
CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SET ")


@dataclass(frozen=True)
class Step:
    """A table that was read: how, and how many rows of it in all."""

    statement: str
    table: str
    access: str
    key: str
    rows: int


class Queries(CaptureQueriesContext):
    """Everything that is asked while a test's client asks for a page."""

    def __init__(self) -> None:
        super().__init__(connection)

    @property
    def statements(self) -> list[str]:
        """Without transaction control."""
        asked = (query["sql"] for query in self.captured_queries)
        return [sql for sql in asked if not sql.startswith(CONTROL)]

    @property
    def own(self) -> list[str]:
        """Those of the page, without the version check."""
        return [sql for sql in self.statements if not any(one in sql for one in VERSION)]


def steps(statements: list[str]) -> list[Step]:
    """Each statement carried out once more under ANALYZE: rows are counted, not guessed."""
    found = []
    with connection.cursor() as cursor:
        for statement in statements:
            if not statement.startswith("SELECT"):
                continue
            cursor.execute(f"ANALYZE FORMAT=JSON {statement}".replace("%", "%%"), [])
            for node in _tables(json.loads(cursor.fetchone()[0])):
                rows = round((node.get("r_loops") or 0) * (node.get("r_rows") or 0))
                how = node["table_name"], node["access_type"], node.get("key", "")
                found.append(Step(statement, *how, rows))
    return found


def _tables(tree: Any) -> Iterator[dict[str, Any]]:
    children = tree.values() if isinstance(tree, dict) else tree
    for child in children:
        if isinstance(child, dict) and "table_name" in child and "access_type" in child:
            yield child
        if isinstance(child, dict | list):
            yield from _tables(child)
