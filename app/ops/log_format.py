"""The format of log records: JSON lines for machines, text for people, both with the request's id.

Settings and gunicorn name these classes, so nothing here may require that Django is set up.
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
    """Gives each record the id of the request that it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record."""
        # Django logs a refusal after the last middleware, with the request as `request`.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or request_id.get()
        return True


class FewOfAKind(logging.Filter):
    """Lets a few warnings of a kind through per minute, as anybody can cause more."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[tuple[str, object, object], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the first of a kind: of the same logger, unformatted message and status."""
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

    Other attributes of a record are left out: Django adds the request, with its query string.
    """

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """The fields of a record's line."""
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
