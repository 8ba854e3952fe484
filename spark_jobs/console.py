"""Lines to the person at the terminal, on stderr. Standard library only."""

import os
from contextlib import suppress


def tell(line: str) -> None:
    """Write a line, whatever has become of sys.stderr."""
    with suppress(OSError):
        os.write(2, f"{line}\n".encode(errors="backslashreplace"))


def warn(message: str) -> None:
    """Something to look at that does not stop the job."""
    tell(f"warning: {message}")
