"""Explain errors of Connector/J: the root cause, and what to do about it."""

from typing import Any

from py4j.protocol import Py4JJavaError

ACCESS_DENIED_TO_SCHEMA = 1044
LOCK_WAIT_TIMEOUT = 1205
LOCKED = (LOCK_WAIT_TIMEOUT, 1213, 1020)
"""Lock wait timeout, deadlock, and MariaDB's 'record has changed since last read'."""
DENIED = (1142, 1143)
"""The right to a statement is missing on the table, or on one of its columns."""
MISSING = (1054, 1146)
"""The column or the table does not exist."""
OF_CONNECTION = "08"
"""How SQLSTATE begins when the connection is lost."""
READ_ONLY = "the server is read-only (a replica, or read_only is set): give the writer's address"
FULL = "the server's disk or table space is full: make room, then run the job again"
ENCRYPT = "add sslMode=REQUIRED to the address"
REMEDIES = {
    1020: "somebody else is changing the same rows: run the job again",
    1021: FULL,
    1040: "wait, or raise max_connections",
    1045: "check DB_USER and DB_PASSWORD, or the secret behind --db-secret; or the user must use "
    f"TLS: {ENCRYPT}",
    1049: "create the schema: CREATE DATABASE ... CHARACTER SET utf8mb4",
    1114: FULL,
    1129: "an administrator unblocks this host with FLUSH HOSTS or mysqladmin flush-hosts",
    1130: "create the user for this host as well: CREATE USER ...@'%'",
    1203: "wait, or raise max_user_connections",
    1205: "somebody else holds the lock",
    1213: "somebody else is changing the same rows: run the job again",
    1226: "raise the user's limits: ALTER USER ... WITH",
    1290: READ_ONLY,
    1524: "ALTER USER ... IDENTIFIED WITH caching_sha2_password BY ...",
    1698: "this user logs in only over the socket, without a password: create one with a password",
    1792: READ_ONLY,
    1820: "give the user a new password: ALTER USER ... IDENTIFIED BY ...",
    1836: READ_ONLY,
    1862: "give the user a new password: ALTER USER ... IDENTIFIED BY ...",
    1874: READ_ONLY,
    3118: "ALTER USER ... ACCOUNT UNLOCK",
    3159: ENCRYPT,
    4151: "ALTER USER ... ACCOUNT UNLOCK",
}
BY_MESSAGE = {
    "Public Key Retrieval is not allowed": "without TLS, caching_sha2_password needs the server's "
    f"public key, except while the server remembers a login: {ENCRYPT}; or give the key in "
    "serverRSAPublicKeyFile; or, on a network without strangers, allowPublicKeyRetrieval=true",
    "Unable to read public key": "check serverRSAPublicKeyFile in the address",
    "SSL Connection required, but not provided by server": "turn TLS on in the server (ssl_cert, "
    "ssl_key); sslMode=PREFERRED would go without",
    "Unable to load authentication plugin": "ALTER USER ... IDENTIFIED WITH a plugin that "
    "Connector/J has, such as caching_sha2_password",
    "Connection is read-only": READ_ONLY,
    "Packet for query is too large": "raise max_allowed_packet; or, if the server was never "
    "reached, something else answers on that port: check it",
}
"""The beginning of a message without an error number -> what to do."""
UNTRUSTED = (
    "the server's certificate is for another host, or its authority is not in the truststore; "
    "check sslMode and trustCertificateKeyStoreUrl in the address"
)
NO_STORE = "check the URL, type and password of the truststore and keystore in the address"
NO_TLS = "TLS negotiation failed; check sslMode and tlsVersions in the address"
UNREACHABLE = "check host, port, security group, and that the server is running"
OF_CERTIFICATES = ("java.security.cert.", "sun.security.", "java.security.InvalidAlg")
OF_TLS = ("javax.net.ssl.", "java.security.")


def cause(error: Py4JJavaError) -> Any:
    """The driver's exception in a chain of Java exceptions, or the last of the chain."""
    found = error.java_exception
    while found.getCause() is not None and not _is_of_the_database(found):
        found = found.getCause()
    return found


def code(cause: Any) -> int:
    """The server's error number; 0 if there is none."""
    return int(cause.getErrorCode()) if _is_sql(cause) else 0


def is_disconnected(cause: Any) -> bool:
    """Whether the connection is lost."""
    return _is_sql(cause) and str(cause.getSQLState()).startswith(OF_CONNECTION)


def explain(cause: Any, bounds: dict[str, str]) -> str:
    """Explain an error in one line. `bounds` has the limits of the waits 'connect' and 'read'."""
    message = _first_line(cause)
    root = _root(cause)
    if _class(root).endswith("SSLParamsException") or _class(cause.getCause()).endswith(
        "SSLParamsException"
    ):
        return f"{message}: {NO_STORE}"
    if _class(root).startswith(OF_CERTIFICATES):
        return f"{message} ({_first_line(root)}): {UNTRUSTED}"
    if _class(root).startswith(OF_TLS):
        return f"{message} ({_first_line(root)}): {NO_TLS}"
    if _class(cause).endswith("CommunicationsException"):
        return f"{message} ({_of_network(root, bounds)}): {UNREACHABLE}"
    remedy = REMEDIES.get(code(cause)) or next(
        (what for begin, what in BY_MESSAGE.items() if message.startswith(begin)), None
    )
    return f"{message}: {remedy}" if remedy else message


def _of_network(root: Any, bounds: dict[str, str]) -> str:
    message = _first_line(root)
    if "timed out" in message:
        return f"{message}: {bounds['connect' if 'onnect' in message else 'read']}"
    if _class(root).endswith("UnknownHostException"):
        return f"no such host: {message}"
    return message


def _root(cause: Any) -> Any:
    while cause.getCause() is not None:
        cause = cause.getCause()
    return cause


def _first_line(cause: Any) -> str:
    text = str(cause.getMessage() or _class(cause)).strip() or _class(cause)
    return text.splitlines()[0].rstrip(".")


def _class(cause: Any) -> str:
    return "" if cause is None else str(cause.getClass().getName())


def _is_of_the_database(cause: Any) -> bool:
    return _class(cause).startswith(("java.sql.", "com.mysql.cj.jdbc."))


def _is_sql(cause: Any) -> bool:
    return _is_of_the_database(cause) and hasattr(cause, "getErrorCode")
