"""The options after `mysql://host:port/name?`, and their allowed values.

They are Connector/J's own. It ignores unknown options, so `ssl-mode=REQUIRED` would silently
connect in plaintext; that is why any other is refused here. Standard library only.
"""

import difflib
import re
from collections.abc import Callable
from urllib.parse import parse_qsl

from spark_jobs.store.credentials import REFERENCES, is_reference

CONNECTOR = "com.mysql:mysql-connector-j:9.7.0"
"""The driver, by its Maven coordinates."""
LONGEST_WAIT_MS = 3_600_000
"""An hour: after that the server also closes a silent connection (`wait_timeout`)."""

NO_CREDENTIALS = "must not contain credentials; use DB_USER and DB_PASSWORD or --db-secret"


def _one_of(*values: str) -> Callable[[str], str | None]:
    def check(value: str) -> str | None:
        if value in values:
            return None
        return f"{value!r} is not one of {', '.join(values)}{_nearest(value, values)}"

    return check


def _milliseconds(value: str) -> str | None:
    if re.fullmatch("[0-9]{1,9}", value) and 1 <= int(value) <= LONGEST_WAIT_MS:
        return None
    return f"{value!r} is not a whole number of milliseconds from 1 to {LONGEST_WAIT_MS}"


def _file_url(value: str) -> str | None:
    if re.fullmatch("file:(//)?/[^/].*", value):
        return None
    return f"{value!r} does not name a file: write file:///path"


def _path(value: str) -> str | None:
    return None if value.startswith("/") else f"{value!r} is not the absolute path of a file"


def _reference(value: str) -> str | None:
    # The value is not repeated: it may be the password itself.
    return None if is_reference(value) else f"must be a reference: {REFERENCES}"


def _tls_versions(value: str) -> str | None:
    versions = ("TLSv1.2", "TLSv1.3")
    if set(value.split(",")) <= set(versions):
        return None
    return f"{value!r} is not one or both of {','.join(versions)}"


BOOLEAN = _one_of("true", "false")
KEY_STORE_TYPE = _one_of("PKCS12", "JKS")
OPTIONS: dict[str, Callable[[str], str | None]] = {
    "sslMode": _one_of("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"),
    "tlsVersions": _tls_versions,
    "trustCertificateKeyStoreUrl": _file_url,
    "trustCertificateKeyStoreType": KEY_STORE_TYPE,
    "trustCertificateKeyStorePassword": _reference,
    "fallbackToSystemTrustStore": BOOLEAN,
    "clientCertificateKeyStoreUrl": _file_url,
    "clientCertificateKeyStoreType": KEY_STORE_TYPE,
    "clientCertificateKeyStorePassword": _reference,
    "allowPublicKeyRetrieval": BOOLEAN,
    "serverRSAPublicKeyFile": _path,
    "connectTimeout": _milliseconds,
    "socketTimeout": _milliseconds,
}
"""Options of Connector/J that an address may have -> what is wrong with a value, or None."""
CREDENTIALS = {"user", "username", "password", "passwd", "pwd"}
OURS = {
    "characterencoding": "character encoding",
    "charset": "character encoding",
    "charactersetresults": "character encoding",
    "connectioncollation": "character encoding",
    "collation": "character encoding",
    "useunicode": "character encoding",
    "encoding": "character encoding",
    "passwordcharacterencoding": "character encoding",
    "servertimezone": "time zone",
    "connectiontimezone": "time zone",
    "forceconnectiontimezonetosession": "time zone",
    "preserveinstants": "time zone",
    "timezone": "time zone",
    "uselegacydatetimecode": "time zone",
}
"""What the job sets itself: titles are always stored in utf8mb4, and times in UTC."""
OTHER_NAMES = {
    "ssl": "sslMode",
    "usessl": "sslMode",
    "tls": "sslMode",
    "usetls": "sslMode",
    "requiressl": "sslMode",
    "verifyservercertificate": "sslMode",
    "sslverifyservercert": "sslMode",
    "sslca": "trustCertificateKeyStoreUrl",
    "cafile": "trustCertificateKeyStoreUrl",
    "truststore": "trustCertificateKeyStoreUrl",
    "truststorepassword": "trustCertificateKeyStorePassword",
    "sslcert": "clientCertificateKeyStoreUrl",
    "sslkey": "clientCertificateKeyStoreUrl",
    "keystore": "clientCertificateKeyStoreUrl",
    "enabledtlsprotocols": "tlsVersions",
    "getserverpublickey": "allowPublicKeyRetrieval",
    "serverpublickeypath": "serverRSAPublicKeyFile",
    "timeout": "connectTimeout",
    "readtimeout": "socketTimeout",
    "writetimeout": "socketTimeout",
}
"""Names that other clients, and earlier versions of Connector/J, use for an option."""
VERIFYING = ("VERIFY_CA", "VERIFY_IDENTITY")


def read_options(query: str) -> dict[str, str]:
    """Name -> value. Raises ValueError, with the remedy, for anything not in `OPTIONS`."""
    pairs = [_option(part) for part in query.split("&")]
    for name, value in pairs:
        _check_option(name, value)
    options = dict(pairs)
    if len(options) < len(pairs):
        twice = next(name for name in options if [n for n, _ in pairs].count(name) > 1)
        raise ValueError(f"{twice} is given more than once")
    _check_together(options)
    return options


def _option(part: str) -> tuple[str, str]:
    if not part:
        raise ValueError("an option is missing next to ? or &: write ?name=value&name=value")
    ((name, value),) = parse_qsl(part, keep_blank_values=True) or [("", "")]
    return name, value


def _check_option(name: str, value: str) -> None:
    """Raise ValueError unless the job takes this option with this value."""
    bare = re.sub("[^a-z0-9]", "", name.lower())
    if bare.rstrip("0123456789") in CREDENTIALS:
        raise ValueError(NO_CREDENTIALS)
    if name not in OPTIONS:
        if bare in OURS:
            raise ValueError(f"{name}: the {OURS[bare]} is set by the job itself; omit it")
        raise ValueError(f"{name!r} is not an option: {_nearest_option(bare)}")
    if not value:
        raise ValueError(f"{name} has no value")
    if wrong := OPTIONS[name](value):
        raise ValueError(f"{name}: {wrong}")


def _nearest_option(bare: str) -> str:
    lower = {name.lower(): name for name in OPTIONS}
    near = [lower[match] for match in difflib.get_close_matches(bare, lower, n=1)]
    meant = OTHER_NAMES.get(bare) or next(iter(near), None)
    return f"did you mean {meant}?" if meant else f"there are {', '.join(OPTIONS)}"


def _nearest(value: str, values: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(value.upper().replace("-", "_"), values, n=1)
    near = near or difflib.get_close_matches(value.lower(), values, n=1)
    return f": did you mean {near[0]}?" if near else ""


def _check_together(options: dict[str, str]) -> None:
    """Refuse combinations that Connector/J would silently ignore."""
    mode = options.get("sslMode", "PREFERRED")
    trust = [name for name in options if name.startswith(("trust", "fallback"))]
    if trust and mode not in VERIFYING:
        raise ValueError(
            f"{trust[0]} works only with sslMode={' or '.join(VERIFYING)}: with {mode} no "
            "certificate is checked"
        )
    encryption = [name for name in options if name.startswith(("client", "tls"))]
    if encryption and mode == "DISABLED":
        raise ValueError(f"{encryption[0]} is invalid with sslMode=DISABLED")
    if options.get("fallbackToSystemTrustStore") == "false":
        _check_store("trustCertificateKeyStore", options)
    for store in ("trustCertificateKeyStore", "clientCertificateKeyStore"):
        if any(name.startswith(store) for name in options):
            _check_store(store, options)


def _check_store(store: str, options: dict[str, str]) -> None:
    if f"{store}Url" not in options:
        raise ValueError(f"{store}Url is missing beside {', '.join(options)}")
