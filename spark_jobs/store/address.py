"""Parse `--database`: the forms that an address may have, and what is refused."""

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from spark_jobs.store.address_options import NO_CREDENTIALS, read_options

FORMS = "mysql://host:port/name or sqlite:///path"
ABOUT_SQLITE = "write sqlite:///path, with three slashes, or four before an absolute path"
LONGEST_SCHEMA_NAME = 64


@dataclass(frozen=True)
class Address:
    """`name` is the schema's name or the file's path; `options` are Connector/J's."""

    engine: str
    name: str
    host: str = ""
    port: int = 3306
    options: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.engine == "sqlite":
            return f"sqlite:///{self.name}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        # Quoted, so that no part of a name is read as an option.
        return f"mysql://{host}:{self.port}/{quote(self.name, safe='')}"

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine, with no network in between."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse_address(text: str) -> Address:
    """Parse an address. Raises ValueError, with the remedy, for any but the forms in `FORMS`.

    A message never repeats the address: it may contain a password that does not belong there.
    """
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise ValueError(f"contains a line break or another control character; give {FORMS}")
    if text.startswith("sqlite:///"):
        return _sqlite(text.removeprefix("sqlite:///"))
    scheme, separator, _ = text.partition("://")
    if scheme.lower() != "mysql" or not separator:
        raise ValueError(f"must have the form {FORMS}{_about_scheme(text)}")
    return _mysql(text)


def _about_scheme(text: str) -> str:
    """What is wrong with an address that begins like neither form."""
    scheme = re.match(r"(?:jdbc:)?([a-z0-9+.-]*):", text.lower())
    if not scheme:
        return "; this has no scheme: for a file, give sqlite:///path"
    name = scheme[1].partition("+")[0]
    if name in ("mysql", "mysqls", "mysqlx", "mariadb"):
        return "; for MySQL and MariaDB, begin with just mysql://"
    if name in ("sqlite", "sqlite3", "file"):
        return f"; for SQLite {ABOUT_SQLITE}"
    return f"; {scheme[0]} is not supported, only MySQL, MariaDB and SQLite are"


def _sqlite(path: str) -> Address:
    """Take the path literally: a file name may contain `?`, `#` and `%`."""
    if not path or path.endswith("/"):
        raise ValueError(f"must name a file: {ABOUT_SQLITE}")
    if path == ":memory:" or path.startswith("file:"):
        raise ValueError("must name a file that the site also reads: sqlite:///path")
    return Address("sqlite", path)


def _mysql(text: str) -> Address:
    if "@" in text:  # anywhere: a password may contain a slash
        raise ValueError(NO_CREDENTIALS)
    if "#" in text:
        raise ValueError("must not contain a #; in a schema's name write %23")
    wrong_form = ValueError(f"must have the form {FORMS}")
    try:
        parts = urlsplit(text)
        name = unquote(parts.path.removeprefix("/"), errors="strict")
    except ValueError:  # unmatched brackets, an invalid host, or not UTF-8
        raise wrong_form from None
    if not parts.netloc or not name or "/" in name:
        raise wrong_form
    if len(name) > LONGEST_SCHEMA_NAME or not name.isprintable():
        raise ValueError(f"a schema's name has up to {LONGEST_SCHEMA_NAME} printable characters")
    host, port = _host_and_port(parts.netloc)
    options = read_options(parts.query) if "?" in text else {}
    return Address("mysql", name, host, port, options)


def _host_and_port(netloc: str) -> tuple[str, int]:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::([^:]*))?", netloc)
    if not match:
        raise ValueError(
            f"must have the form {FORMS}, an IPv6 address in brackets: mysql://[::1]:3306/name"
        )
    host, port = match[1], match[2] or "3306"
    if not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise ValueError(f"must have the form {FORMS}: {port!r} is not a port from 1 to 65535")
    return _host(host), int(port)


def _host(text: str) -> str:
    # Connector/J also accepts lists and `address=(…)` as a host, with options in them.
    try:
        if text.startswith("["):
            return str(ipaddress.IPv6Address(text.strip("[]")))
        if re.search(r"(^|\.)[0-9]+\.?$", text):
            return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ValueError(f"{text!r} is not an IP address") from None
    label = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
    if not re.fullmatch(rf"{label}(\.{label})*\.?", text.lower()) or len(text) > 253:
        raise ValueError(f"must have the form {FORMS}: {text!r} is not the name of one host")
    return text.lower()
