"""Typed readers of the environment, and nothing else."""

import os
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """The value without surrounding blanks; empty means not set."""
    return os.environ.get(name, "").strip() or default


def boolean(name: str, default: bool) -> bool:
    """Yes or no, in any of the usual words."""
    value = text(name).lower()
    if value and value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no: use 1 or 0.")
    return value in TRUE if value else default


def integer(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from None


def listing(name: str) -> list[str]:
    """Comma-separated values, without empty ones."""
    return [item.strip() for item in text(name).split(",") if item.strip()]


def address(name: str, default: str) -> str:
    """A base URL, without a trailing slash."""
    value = text(name, default)
    if not re.fullmatch(r"https?://[\w.:/\[\]-]+", value, flags=re.ASCII):
        raise ImproperlyConfigured(
            f"{name}={value!r} is not an address: use https://host, with or without a path."
        )
    return value.rstrip("/")


def secret(name: str) -> str:
    """`NAME`, or the content of the file that `NAME_FILE` points to."""
    path = text(f"{name}_FILE")
    if not path:
        return text(name)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path}: {error.strerror}.") from error
