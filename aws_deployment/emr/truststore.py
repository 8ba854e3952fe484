"""The certificates of RDS in a truststore for Java.

PKCS12 without a password: certificates are public.
"""

import subprocess
import tempfile
import urllib.request
from pathlib import Path

from aws_deployment.errors import DeployError

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
UNPROTECTED = [f"-J-Dkeystore.pkcs12.{part}Algorithm=NONE" for part in ("mac", "certProtection")]


def certificates(region: str) -> str:
    """Where RDS publishes the authorities of its databases' certificates in a region."""
    return f"https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem"


def make(source: str, truststore: Path) -> None:
    """Make a truststore from the PEM bundle at an address. DeployError if it cannot be read."""
    try:
        with urllib.request.urlopen(source) as answer:  # noqa: S310
            bundle = answer.read().decode()
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise DeployError(f"{source}: {reason}. Is this machine online?") from error
    truststore.unlink(missing_ok=True)
    for number, part in enumerate(bundle.split(BEGIN)[1:]):
        _add(BEGIN + part.split(END)[0] + END, f"certificate-{number}", truststore)
    if not truststore.exists():
        raise DeployError(f"{source} contains no certificate")


def _add(certificate: str, alias: str, truststore: Path) -> None:
    """Add one certificate: keytool takes one at a time."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as pem:
        pem.write(certificate)
        pem.flush()
        done = subprocess.run(
            ["keytool", *UNPROTECTED, "-importcert", "-noprompt", "-alias", alias,
             "-file", pem.name, "-keystore", truststore, "-storetype", "PKCS12",
             "-storepass", "unused"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise DeployError(f"keytool failed: {(done.stderr or done.stdout).strip()}")
