"""How MySQL and MariaDB are connected to: the options of the URL, and what a refusal means.

Always `jdbc:mysql:`: Spark has no dialect for `jdbc:mariadb:` and quotes names wrongly.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from spark_jobs.errors import JobError
from spark_jobs.store.address import Address
from spark_jobs.store.credentials import Credentials, find_password
from spark_jobs.store.mysql import errors

DEFAULTS = {
    "connectTimeout": "10000",
    # A network that went silent: give up, and let the server give up the publish lock, too.
    "socketTimeout": "900000",
    "sslMode": "PREFERRED",
}
"""Options that the address may overrule."""
LOGIN_SECONDS = 30
"""How long a server that was connected to may take to let the user in."""
SESSION = {
    "wait_timeout": "3600",
    "time_zone": "'+00:00'",
    # A lock that somebody keeps for longer is an error that names them, where they can be seen.
    "lock_wait_timeout": "20",
    "innodb_lock_wait_timeout": "20",
}
OURS = {
    "characterEncoding": "UTF-8",
    "connectionTimeZone": "UTC",
    "tcpKeepAlive": "true",
    "rewriteBatchedStatements": "true",
    "useAffectedRows": "true",
}
"""Options that are the job's own."""


@dataclass(frozen=True)
class ConnectionSettings:
    """What a connection is opened with; `bounds` says what its waits are bounded by."""

    address: Address
    url: str
    properties: dict[str, str] = field(repr=False)
    bounds: dict[str, str]

    @classmethod
    def of(cls, address: Address, credentials: Credentials) -> "ConnectionSettings":
        """Of an address, with the passwords that its options refer to."""
        options = connection_options(address)
        secrets = {name: options.pop(name) for name in tuple(options) if "Password" in name}
        properties = {
            "user": credentials.user,
            "password": credentials.password,
            **{name: find_password(secret, option=name) for name, secret in secrets.items()},
        }
        bounds = {
            "connect": f"{_seconds(options['connectTimeout'])}, connectTimeout",
            "read": f"{_seconds(options['socketTimeout'])}, socketTimeout",
        }
        return cls(address, f"jdbc:{address}?{urlencode(options)}", properties, bounds)


def open_connection(spark: SparkSession, settings: ConnectionSettings) -> Any:
    """A `java.sql.Connection`. Raises JobError, with the remedy, where there is none to be had."""
    java: Any = spark._jvm
    properties = java.java.util.Properties()
    for name, value in settings.properties.items():
        properties.setProperty(name, value)
    java.java.sql.DriverManager.setLoginTimeout(LOGIN_SECONDS)
    try:
        return java.java.sql.DriverManager.getConnection(settings.url, properties)
    except Py4JJavaError as error:
        cause = errors.cause(error)
        bounds = settings.bounds | {"read": f"{LOGIN_SECONDS} s for the login"}
        told = errors.explain(cause, bounds)
        if errors.code(cause) == errors.ACCESS_DENIED_TO_SCHEMA:
            told += f": {_about_schema(settings.address, told)}"
        raise JobError(f"{settings.address}: {told}") from error


def _about_schema(address: Address, told: str) -> str:
    name = quoted(address.name)
    user = re.search("'[^']*'@'[^']*'", told)
    return (
        "the schema does not exist, or this user has no right to it: as the administrator, "
        f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4; "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO {user[0] if user else 'the user'}"
    )


def connection_options(address: Address) -> dict[str, str]:
    """What Connector/J is given, by name; a password among them is a reference still."""
    options = DEFAULTS | address.options | OURS
    options["sessionVariables"] = ",".join(f"{name}={value}" for name, value in SESSION.items())
    if address.is_loopback:  # nobody is in between who could send a key of their own
        options.setdefault("allowPublicKeyRetrieval", "true")
    return options


def _seconds(milliseconds: str) -> str:
    return f"{int(milliseconds) / 1000:g} s"


def quoted(name: str) -> str:
    """A name as it stands in SQL."""
    return "`" + name.replace("`", "``") + "`"
