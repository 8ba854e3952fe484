"""Connect to MySQL and MariaDB: the options of the URL, and what a refusal means.

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
    # If the network goes silent: give up, and let the server release the publish lock.
    "socketTimeout": "900000",
    "sslMode": "PREFERRED",
}
"""Options that the address may override."""
LOGIN_SECONDS = 30
"""How long a connected server may take for the login."""
SESSION = {
    "wait_timeout": "3600",
    "time_zone": "'+00:00'",
    # A lock held for longer is an error that names the holder, if visible.
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
"""Options that only the job sets."""


@dataclass(frozen=True)
class ConnectionSettings:
    """The settings of a connection; `bounds` describes the limits of its waits."""

    address: Address
    url: str
    properties: dict[str, str] = field(repr=False)
    bounds: dict[str, str]

    @classmethod
    def of(cls, address: Address, credentials: Credentials) -> "ConnectionSettings":
        """From an address, with the passwords that its options refer to."""
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
    """Open a `java.sql.Connection`. Raises JobError, with the remedy, if that fails."""
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
        message = errors.explain(cause, bounds)
        if errors.code(cause) == errors.ACCESS_DENIED_TO_SCHEMA:
            message += f": {_about_schema(settings.address, message)}"
        raise JobError(f"{settings.address}: {message}") from error


def _about_schema(address: Address, message: str) -> str:
    name = quoted(address.name)
    user = re.search("'[^']*'@'[^']*'", message)
    return (
        "the schema does not exist, or this user has no right to it: as the administrator, "
        f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4; "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO {user[0] if user else 'the user'}"
    )


def connection_options(address: Address) -> dict[str, str]:
    """Connector/J's options by name; a password among them is still a reference."""
    options = DEFAULTS | address.options | OURS
    options["sessionVariables"] = ",".join(f"{name}={value}" for name, value in SESSION.items())
    if address.is_loopback:  # nobody in between could send another key
        options.setdefault("allowPublicKeyRetrieval", "true")
    return options


def _seconds(milliseconds: str) -> str:
    return f"{int(milliseconds) / 1000:g} s"


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    return "`" + name.replace("`", "``") + "`"
