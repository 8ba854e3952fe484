"""What the site asks its database for addresses that nobody asked for before.

python -m tests.statements ADDRESS...

prints a JSON object on one line: address -> its SELECT statements, with their values. The
database is the one that the environment names.
"""

import json
import os
import sys

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "recsys.settings"
    django.setup()
    print(json.dumps({address: statements(address) for address in sys.argv[1:]}))


def statements(address: str) -> list[str]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from app import answers

    answers.memory.clear()
    answers.parts.clear()
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get(address, headers={"host": "localhost"})
    assert answer.status_code == 200, (address, answer.content)
    found = [query["sql"].strip() for query in queries]
    return [statement for statement in found if statement.startswith("SELECT")]


if __name__ == "__main__":
    main()
