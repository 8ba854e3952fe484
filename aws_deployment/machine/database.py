"""Access to the database: the certificates to verify it with, and the password by reference."""

import json
import os
import ssl
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aws_deployment.machine.system import Refusal, run

AUTHORITIES = Path("/etc/recsys/rds-global-bundle.pem")
RDS_BUNDLE = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"


def authorities(asked: str | None) -> str:
    """The certificates: those given, those already here, or the bundle of RDS."""
    if not asked and AUTHORITIES.is_file():
        return AUTHORITIES.read_text()
    place = asked or RDS_BUNDLE
    text = _fetch(place)
    try:
        ssl.create_default_context(cadata=text)
    except (ssl.SSLError, ValueError):
        raise Refusal(f"--db-ca {place}: contains no certificates; give a PEM file") from None
    return text


def _fetch(place: str) -> str:
    try:
        if not place.startswith("https://"):
            return Path(place).read_text(encoding="ascii")
        with urllib.request.urlopen(place, timeout=30) as answer:  # noqa: S310  # https only
            return str(answer.read().decode("ascii"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        raise Refusal(
            f"--db-ca {place}: cannot be read ({reason}); download it elsewhere, "
            "copy it here and give its path"
        ) from error


@contextmanager
def on_trial(text: str) -> Iterator[dict[str, str]]:
    """Put the certificates in a temporary file: the running site keeps its own until these work."""
    with tempfile.NamedTemporaryFile("w", prefix="recsys-", suffix=".pem") as file:
        file.write(text)
        file.flush()
        Path(file.name).chmod(0o644)
        yield {"DB_SSL_CA": file.name}


def credentials(release: Path, values: dict[str, str], memory: dict[str, str]) -> dict[str, str]:
    """DB_USER and DB_PASSWORD, from the secret if there is one."""
    if reference := values["DB_SECRET"]:
        return resolve(release, reference, values["DB_USER"])
    return {"DB_USER": values["DB_USER"], "DB_PASSWORD": memory["DB_PASSWORD"]}


def resolve(release: Path, reference: str, user: str) -> dict[str, str]:
    """DB_USER and DB_PASSWORD of a secret; `user` if it is only a password."""
    found = json.loads(
        run(
            [release / ".venv/bin/python", "-B", "-m", "aws_deployment.machine.secret", reference],
            step="reading the password",
            remedy="check the name, and that this machine's role may read it",
            cwd=Path(__file__).resolve().parents[2],
            environment=dict(os.environ) | {"DB_USER": user},
        )
    )
    return {"DB_USER": found["user"], "DB_PASSWORD": found["password"]}
