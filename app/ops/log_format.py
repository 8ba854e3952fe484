"""How a log record looks: a JSON line for machines, text for people, the request's id in both.

Settings and gunicorn name these classes, so nothing here may need Django to be set up.
"""

import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from pythonjsonlogger.json import JsonFormatter

ACCESS = "app.access"
NO_REQUEST = "-"
MOST_OF_A_KIND = 10
"""Warnings a minute."""
KIND_SECONDS = 60

request_id: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)


class RequestId(logging.Filter):
    """Gives each record the id of the request within which it was made."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record stays."""
        # Django logs a refusal after the last middleware, and says there which request it was.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or request_id.get()
        return True


class FewOfAKind(logging.Filter):
    """Lets a few warnings of a kind through each minute: anybody can make more of them."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[tuple[str, object, object], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """A kind is what was logged where, before anything was filled in, and the status."""
        if record.levelno != logging.WARNING:
            return True
        kind = (record.name, record.msg, getattr(record, "status_code", None))
        began, count = self._counts.get(kind, (0.0, 0))
        now = monotonic()
        if now - began >= KIND_SECONDS:
            began, count = now, 0
        self._counts[kind] = (began, count + 1)
        if count == MOST_OF_A_KIND - 1:
            record.msg = f"{record.msg} (no more of this kind for a minute)"
        return count < MOST_OF_A_KIND


class JSONLines(JsonFormatter):
    """One object per line, tracebacks included.

    Nothing else that hangs on a record gets in: Django hangs on the request, with its query.
    """

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """What the line of a record has."""
        moment = datetime.fromtimestamp(record.created, UTC)
        log_data["time"] = moment.isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["process"] = record.process
        log_data["request_id"] = getattr(record, "request_id", NO_REQUEST)
        if record.name == ACCESS and isinstance(record.args, dict):
            log_data |= record.args
        else:
            log_data["message"] = record.message
        log_data |= message_dict
