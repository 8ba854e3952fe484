"""The revision of the job: stamped into the zip, or read from git in a checkout."""

import pkgutil
import subprocess
from pathlib import Path

STAMP = "REVISION"


def revision() -> str:
    """What `git describe` says, or `unknown`."""
    try:
        stamp = pkgutil.get_data("spark_jobs", STAMP)
    except OSError:
        return git_revision(Path(__file__).parent)
    return (stamp or b"unknown").decode().strip()


def git_revision(folder: Path) -> str:
    """The revision of the checkout that contains the folder, or `unknown` outside of one."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
