"""The two kinds of database that the site supports. `settings` reads which one, and where."""

from pathlib import Path

CONNECT_SECONDS = 2


def mysql(
    *,
    host: str,
    port: int,
    name: str,
    user: str,
    password: str,
    certificates: str,
    statement_seconds: int,
) -> dict[str, object]:
    """A server, verified if there are certificates to verify it with."""
    tls = {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": certificates}} if certificates else {}
    return {
        "ENGINE": "django.db.backends.mysql",
        "HOST": host,
        "PORT": port,
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"charset": "utf8mb4"} | _time_limits(statement_seconds) | tls,
        "TEST": {"CHARSET": "utf8mb4"},
    }


def _time_limits(seconds: int) -> dict[str, object]:
    return {
        # The server also gives up: abandoned queries must not pile up there.
        # MySQL reads the first comment, MariaDB the second.
        "init_command": f"SET SESSION /*!80000 max_execution_time={seconds * 1000} */"
        f"/*M!100100 max_statement_time={seconds} */",
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": seconds,
        "write_timeout": seconds,
    }


def sqlite(path: Path, *, statement_seconds: int) -> dict[str, object]:
    """A file, for one machine."""
    path.parent.mkdir(parents=True, exist_ok=True)  # sqlite3 makes files, not folders
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": statement_seconds,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
