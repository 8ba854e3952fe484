"""Wait for AWS: things take minutes, and the operator wants to see progress."""

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
    """Print a line with the time of day, for what takes minutes."""
    say(f"{datetime.now():%H:%M:%S}  {line}")


def once() -> Callable[[str], None]:
    """A function that prints a line with the time, unless it repeats the last one."""
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
    """Poll `look` every so many seconds and return its result. DeployError after a time limit."""
    give_up = time.monotonic() + minutes * 60
    while (found := look()) is None:
        if time.monotonic() > give_up:
            raise DeployError(
                f"{what}: not after {minutes:g} minutes. Run the same command again to keep "
                "waiting; `bin/deploy status` shows the current state"
            )
        time.sleep(every)
    return found


def confirm(question: str, *, answer: str, yes: bool) -> None:
    """Continue only if the person types the answer; DeployError otherwise."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise DeployError(f"{question} There is no terminal to answer on: add --yes")
    if input(f"{question} Type {answer} to continue: ").strip() != answer:
        raise DeployError("stopped: nothing was changed")
