"""What a cluster needs besides the data: the job's zip, its entry point, the driver, bootstrap.

Every run uploads them to the same place, where nightly clusters find those of the last `run`.
"""

import fcntl
import hashlib
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from aws_deployment import ROOT
from aws_deployment.account import Account
from aws_deployment.emr import truststore
from aws_deployment.errors import DeployError
from aws_deployment.package_job import pack
from aws_deployment.upload import upload_file
from spark_jobs.store.address_options import CONNECTOR

CONNECTOR_SHA256 = "0353648eaa1c91e0f4020c959abf756bc866ffd583df22ae6b6f6e0cbd43eb44"
NODE_PACKAGES = ("numpy", "scipy", "pyarrow", "boto3")
IVY = ROOT / "var" / "ivy"
PREFIX = "jobs/current"


@dataclass(frozen=True)
class Artifacts:
    """Addresses in the bucket."""

    package: str
    entry_point: str
    driver: str
    bootstrap: str
    truststore: str
    requirements: str


NAMES = Artifacts(
    "spark_jobs.zip", "spark_emr.py", "mysql-connector-j.jar", "emr_bootstrap.sh",
    "rds-truststore.p12", "node-requirements.txt",
)  # fmt: skip


def addresses(bucket: str) -> Artifacts:
    """Their addresses. A name never changes, so neither does the request for a cluster."""
    return Artifacts(**{what: f"s3://{bucket}/{PREFIX}/{name}" for what, name in _names()})


def _names() -> Iterator[tuple[str, str]]:
    return iter(asdict(NAMES).items())


def upload_artifacts(account: Account, bucket: str, certificates: str | None = None) -> Artifacts:
    """Build the artifacts, and upload those that differ from the bucket's.

    `certificates` is the address of a PEM bundle, by default that of RDS.
    """
    client = account.client("s3")
    with tempfile.TemporaryDirectory() as folder:
        for name, path in build(account, Path(folder), certificates).items():
            upload_file(client, bucket, f"{PREFIX}/{name}", path)
    return addresses(bucket)


def build(account: Account, folder: Path, certificates: str | None) -> dict[str, Path]:
    """Name in the bucket -> local file; what has to be built is built in the folder."""
    package, trusted = folder / NAMES.package, folder / NAMES.truststore
    requirements = folder / NAMES.requirements
    pack(package)
    truststore.make(certificates or truststore.certificates(account.region), trusted)
    requirements.write_text("".join(f"{line}\n" for line in node_requirements()))
    return {
        NAMES.package: package,
        NAMES.entry_point: ROOT / "spark_jobs" / "spark_emr.py",
        NAMES.driver: driver_jar(),
        NAMES.bootstrap: ROOT / "aws_deployment" / "emr_bootstrap.sh",
        NAMES.truststore: trusted,
        NAMES.requirements: requirements,
    }


def node_requirements() -> list[str]:
    """The packages that the job's Python needs on every node, with the usual pins."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition("==")[0] in NODE_PACKAGES]


def driver_jar() -> Path:
    """MySQL Connector/J, fetched once by Spark's own resolver and checked."""
    group, name, version = CONNECTOR.split(":")
    jar = IVY / "jars" / f"{group}_{name}-{version}.jar"
    IVY.mkdir(parents=True, exist_ok=True)
    with (IVY / "lock").open("w") as lock:  # two at once would leave half a file
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not jar.exists():
            _fetch(CONNECTOR)
    digest = hashlib.sha256(jar.read_bytes()).hexdigest()
    if digest != CONNECTOR_SHA256:
        jar.unlink()
        raise DeployError(
            f"{jar.name} is not the expected file (SHA-256 {digest}): it was deleted, run the "
            "same command again; if this happens again do not use it"
        )
    return jar


def _fetch(coordinate: str) -> None:
    """Run an empty script: spark-submit resolves packages before it starts one."""
    with tempfile.TemporaryDirectory() as folder:
        nothing = Path(folder) / "nothing.py"
        nothing.touch()
        done = subprocess.run(
            ["spark-submit", "--conf", f"spark.jars.ivy={IVY}", "--packages", coordinate, nothing],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise DeployError(
            f"cannot fetch {coordinate}: is this machine online? {done.stderr.strip()[-200:]}"
        )
