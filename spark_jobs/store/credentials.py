"""The database's user and password: from the environment or by reference, never an argument.

The arguments of an EMR step are visible to everybody who may describe it, and those of a
process to everybody on the machine.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spark_jobs.errors import JobError

REFERENCES = "secretsmanager:NAME, ssm:NAME, s3:BUCKET/KEY or file:PATH"
WAITS = {"connect_timeout": 10, "read_timeout": 30}
"""How long a secret store may keep the job waiting, in seconds."""


@dataclass(frozen=True)
class Credentials:
    """A database user and password."""

    user: str
    password: str = field(repr=False)


def find_credentials(reference: str | None) -> Credentials:
    """`DB_USER` and `DB_PASSWORD` (or `DB_PASSWORD_FILE`), or the secret behind the reference.

    A secret is JSON with `username` and `password`, as RDS writes it, or the bare password
    of the user in `DB_USER`. Raises JobError if it cannot be read.
    """
    user = os.environ.get("DB_USER", "recsys")
    if reference:
        return _from_secret(user, _resolve(reference, "--db-secret"), "--db-secret")
    if path := os.environ.get("DB_PASSWORD_FILE"):
        return Credentials(user, _file(path, "DB_PASSWORD_FILE").strip())
    return Credentials(user, os.environ.get("DB_PASSWORD", ""))


def find_password(reference: str, *, option: str) -> str:
    """The password that an option refers to, for instance that of a truststore."""
    return _from_secret("", _resolve(reference, option), option).password


def _from_secret(user: str, secret: str, option: str) -> Credentials:
    if not secret.lstrip().startswith("{"):
        return Credentials(user, secret.strip())
    try:
        parts = json.loads(secret)
        return Credentials(str(parts.get("username", user)), str(parts["password"]))
    except (ValueError, KeyError) as error:
        raise JobError(f"{option}: the secret is JSON without a `password`") from error


def is_reference(text: str) -> bool:
    """Whether this names a secret, in one of the forms of `REFERENCES`."""
    kind, _, name = text.partition(":")
    return kind in (*STORES, "file") and bool(name)


def _resolve(reference: str, option: str) -> str:
    if not is_reference(reference):  # not repeated: it may be the password itself
        raise JobError(f"{option}: give {REFERENCES}")
    kind, _, name = reference.partition(":")
    if kind == "file":
        return _file(name, option)
    with _aws_client(kind, option) as client:
        return STORES[kind](client, name)


def _secrets_manager(client: Any, name: str) -> str:
    secret = client.get_secret_value(SecretId=name)
    return str(secret.get("SecretString") or secret["SecretBinary"].decode())


def _parameter_store(client: Any, name: str) -> str:
    parameter = client.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    return str(parameter["Value"])


def _private_object(client: Any, name: str) -> str:
    bucket, _, key = name.partition("/")
    return str(client.get_object(Bucket=bucket, Key=key)["Body"].read().decode())


STORES = {"secretsmanager": _secrets_manager, "ssm": _parameter_store, "s3": _private_object}


@contextmanager
def _aws_client(service: str, option: str) -> Iterator[Any]:
    try:
        # Only here: a cluster without AWS secrets needs no boto3.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError as error:
        raise JobError(f"{option} {service}: needs the Python package boto3") from error
    try:
        yield boto3.client(service, config=Config(**WAITS))
    except (BotoCoreError, ClientError) as error:
        raise JobError(f"{option} {service}: {error}") from error


def _file(path: str, option: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise JobError(
            f"{option}: cannot read the password from {path}: {error.strerror}"
        ) from error
    except UnicodeDecodeError as error:
        raise JobError(f"{option}: {path} is not text in UTF-8") from error
