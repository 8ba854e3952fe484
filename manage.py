#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys.settings")
    # A visitor must not wait for long; an operator's migration may build an index.
    os.environ.setdefault("DB_STATEMENT_SECONDS", "3600")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
