"""Starts a run by the command that the operator configured, and reports its progress.

The command's output goes to a file that is locked as long as anything has it open for writing. So
a second start is refused while the first one is in progress, even by another process of the site
or after a restart. The kernel releases the lock when the last writer has ended.
"""

import fcntl
import logging
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path
from threading import Thread

from django.conf import settings
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from app.models import Run
from app.runs.errors import RunError
from app.runs.locks import is_publishing

TAIL_BYTES, TAIL_LINES = 4096, 20
KEPT_FROM_THE_COMMAND = ("SECRET_KEY", "METRICS_TOKEN", "DJANGO_SETTINGS_MODULE")
"""Variables of the site, which the job has no use for."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """The progress of the run that was last started."""

    is_running: bool
    last_output_at: datetime | None
    lines: list[str]
    """The last lines of the command's output."""


def is_configured() -> bool:
    """Whether this site has a command that starts a run."""
    return bool(settings.START_RUN_COMMAND)


def start(*, user: User) -> subprocess.Popen[bytes]:
    """Start the command, without a shell and in a session of its own. Raises RunError."""
    if not is_configured():
        raise RunError(_("no command to start a run is configured: START_RUN_COMMAND"))
    if is_publishing():
        raise RunError(_("a job is publishing right now: wait for it to end, then try again"))
    output = _locked_file()
    try:
        process = _spawn(output)
        _record(user)
    except BaseException:
        output.close()
        raise
    Thread(target=_note_end, args=[process, output], daemon=True).start()
    return process


def progress() -> Progress:
    """The progress of the run that was last started on this machine."""
    try:
        with Path(settings.START_RUN_LOG).open("rb") as file:
            is_running = not _lock(file.fileno(), fcntl.LOCK_SH)
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()[-TAIL_LINES:]
            changed = os.fstat(file.fileno()).st_mtime
    except OSError:  # none was ever started
        return Progress(False, None, [])
    return Progress(is_running, datetime.fromtimestamp(changed, UTC), lines)


def _locked_file() -> BufferedWriter:
    path = Path(settings.START_RUN_LOG)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        output = path.open("ab")
    except OSError as error:
        words = _("the file for the command's output cannot be written: %(error)s (START_RUN_LOG)")
        raise RunError(words % {"error": error}) from error
    if not _lock(output.fileno(), fcntl.LOCK_EX):
        output.close()
        raise RunError(_("a run that was started here is still in progress: wait for it to end"))
    output.truncate(0)
    return output


def _lock(descriptor: int, kind: int) -> bool:
    """Whether the lock was free."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _spawn(output: BufferedWriter) -> subprocess.Popen[bytes]:
    command = settings.START_RUN_COMMAND
    environment = {k: v for k, v in os.environ.items() if k not in KEPT_FROM_THE_COMMAND}
    try:
        return subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    except OSError as error:
        words = _("the command %(command)s cannot be started: %(error)s (START_RUN_COMMAND)")
        raise RunError(words % {"command": command[0], "error": error.strerror}) from error


def _record(user: User) -> None:
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(Run),
        object_repr=_("a run was started"),
        action_flag=ADDITION,
    )


def _note_end(process: subprocess.Popen[bytes], output: BufferedWriter) -> None:
    """Also reaps the process. If the site ends first, only this note is missing."""
    code = process.wait()
    with output:
        output.write(f"\nThe command ended with exit code {code}.\n".encode())
    logger.info("the command that starts a run ended with exit code %d", code)
