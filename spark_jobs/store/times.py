"""Times as the tables store them: text, in UTC."""

from datetime import UTC, datetime


def now() -> str:
    """This moment."""
    return as_text(datetime.now(UTC))


def as_text(moment: datetime) -> str:
    """To the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
