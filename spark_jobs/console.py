"""Messages to the operator, on stderr. Standard library only."""

import os
from contextlib import suppress


def tell(line: str) -> None:
    """Write a line, whatever the state of sys.stderr."""
    with suppress(OSError):
        os.write(2, f"{line}\n".encode(errors="backslashreplace"))


def warn(message: str) -> None:
    """Warn of something that does not stop the job."""
    tell(f"warning: {message}")
