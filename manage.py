#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys.settings")
    if "migrate" in sys.argv[1:2]:
        # A visitor must not wait for long; a migration may build an index.
        os.environ["DB_STATEMENT_SECONDS"] = "3600"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
