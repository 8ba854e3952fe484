"""The database's user and password: from the environment or by reference, never an argument.

An argument of an EMR step is shown to everybody who may describe it, and an argument of a
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

REFERENCES = "secretsmanager:NAME, ssm:NAME or file:PATH"


@dataclass(frozen=True)
class Credentials:
    user: str
    password: str = field(repr=False)


def find_credentials(reference: str | None) -> Credentials:
    """`DB_USER` and `DB_PASSWORD` (or `DB_PASSWORD_FILE`), or what the reference holds.

    A secret is JSON with `username` and `password`, as RDS writes it, or the bare password,
    for the user in `DB_USER`. Raises JobError for one that cannot be had.
    """
    user = os.environ.get("DB_USER", "recsys")
    if reference:
        return _from_secret(user, _resolve(reference))
    if path := os.environ.get("DB_PASSWORD_FILE"):
        return Credentials(user, _file(path).strip())
    return Credentials(user, os.environ.get("DB_PASSWORD", ""))


def _from_secret(user: str, secret: str) -> Credentials:
    if not secret.lstrip().startswith("{"):
        return Credentials(user, secret.strip())
    try:
        parts = json.loads(secret)
        return Credentials(parts.get("username", user), parts["password"])
    except (ValueError, KeyError) as error:
        raise JobError("--db-secret: the secret is JSON without a `password`") from error


def _resolve(reference: str) -> str:
    kind, _, name = reference.partition(":")
    stores = {"secretsmanager": _secrets_manager, "ssm": _parameter_store, "file": _file}
    if kind not in stores or not name:
        raise JobError(f"--db-secret {reference}: give {REFERENCES}")
    return stores[kind](name)


def _secrets_manager(name: str) -> str:
    with _aws_client("secretsmanager") as client:
        return client.get_secret_value(SecretId=name)["SecretString"]


def _parameter_store(name: str) -> str:
    with _aws_client("ssm") as client:
        return client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]


@contextmanager
def _aws_client(service: str) -> Iterator[Any]:
    try:
        import boto3  # only here: a cluster without AWS secrets needs no boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise JobError(f"--db-secret {service}: needs the Python package boto3") from error
    try:
        yield boto3.client(service)
    except (BotoCoreError, ClientError) as error:
        raise JobError(f"--db-secret {service}: {error}") from error


def _file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise JobError(f"cannot read the password from {path}: {error.strerror}") from error
