"""A database for a measurement: an SQLite file with the tables of Django's migrations."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def migrate(database: Path) -> dict[str, str]:
    """Recreate it. Return the environment variables that point Django to it."""
    database.unlink(missing_ok=True)
    environment = {"SQLITE_PATH": str(database), "DB_HOST": "", "ENV_FILE": os.devnull}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT, env=os.environ | environment, check=True,
    )  # fmt: skip
    return environment
