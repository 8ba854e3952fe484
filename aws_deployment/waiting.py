"""Waiting for AWS: things take minutes, and a person wants to see that they move."""

import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from aws_deployment.errors import DeployError

Found = TypeVar("Found")


def say(line: str = "") -> None:
    print(line, flush=True)


def say_when(line: str) -> None:
    """A line with the time of day, for what goes on for minutes."""
    say(f"{datetime.now():%H:%M:%S}  {line}")


def once() -> Callable[[str], None]:
    """Says a line with the time, unless it was the last one."""
    last = ""

    def tell(line: str) -> None:
        nonlocal last
        if line != last:
            last = line
            say_when(line)

    return tell


def until(
    look: Callable[[], Found | None], *, what: str, minutes: float, every: float = 10
) -> Found:
    """What `look` finds, asked every so many seconds. DeployError after so many minutes."""
    give_up = time.monotonic() + minutes * 60
    while (found := look()) is None:
        if time.monotonic() > give_up:
            raise DeployError(
                f"{what}: not after {minutes:g} minutes. Run the same command again to go on "
                "waiting; `bin/deploy status` shows how things stand"
            )
        time.sleep(every)
    return found


def confirm(question: str, *, answer: str, yes: bool) -> None:
    """Go on only if the person types the answer; DeployError otherwise."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise DeployError(f"{question} Nobody is there to answer: add --yes")
    if input(f"{question} Type {answer} to go on: ").strip() != answer:
        raise DeployError("stopped: nothing was changed")
