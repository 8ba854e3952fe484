"""What is submitted: the job's command line and its Spark settings.

Neither has secrets: DescribeStep shows both to everybody who may look at the cluster.
"""

from dataclasses import dataclass
from typing import Any

from aws_deployment.emr.artifacts import Artifacts

VENV = "/opt/recsys-job"
"""Python's virtual environment on a node, made by the bootstrap action."""
TRUSTSTORE = "/etc/recsys/rds-truststore.p12"
YARN_SHARE = 0.75
"""Share of a node's memory that EMR leaves to YARN."""
YARN_MASTER_MB = 1024
SINGLE_NODE_MB = 2048
"""What the driver and the cluster's services take on a single node."""
LIMIT = "2h"
"""A hanging job must not keep a cluster alive: timeout(1) ends it."""
ALWAYS = {
    "spark.speculation": "false",  # a second attempt of a task would write its rows twice
    # YARN's shuffle service does not authenticate, and is not needed here.
    "spark.shuffle.service.enabled": "false",
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
}


@dataclass(frozen=True)
class Cores:
    """The core nodes: their number, and the size of one (memory in MiB). 0: a single node."""

    nodes: int
    vcpus: int
    memory: int


def arguments(artifacts: Artifacts, words: list[str]) -> list[str]:
    """The step's command. `words` are the job's own arguments."""
    return [
        "timeout", LIMIT,
        "spark-submit", "--deploy-mode", "client",
        "--py-files", artifacts.package,
        "--jars", artifacts.driver,
        artifacts.entry_point,
        *words,
    ]  # fmt: skip


def job_words(outputs: dict[str, str], password: str, data: str, others: list[str]) -> list[str]:
    """The job's arguments: the data set in the bucket, the database, the password's reference."""
    return [
        "--input", f"s3://{outputs['Bucket']}/data/{data}",
        "--database", database_address(outputs),
        "--db-secret", password,
        *others,
    ]  # fmt: skip


def database_address(outputs: dict[str, str]) -> str:
    """The address, with TLS verified only against the certificates in the truststore."""
    host, port, name = (outputs[f"Database{part}"] for part in ("Host", "Port", "Name"))
    return (
        f"mysql://{host}:{port}/{name}?sslMode=VERIFY_IDENTITY&fallbackToSystemTrustStore=false"
        f"&trustCertificateKeyStoreUrl=file://{TRUSTSTORE}&trustCertificateKeyStoreType=PKCS12"
    )


def configurations(region: str, cores: Cores) -> list[dict[str, Any]]:
    """EMR's configuration classifications."""
    environment = {"PYSPARK_PYTHON": f"{VENV}/bin/python", "AWS_DEFAULT_REGION": region}
    return [
        {"Classification": "spark-defaults", "Properties": spark_settings(region, cores)},
        {
            "Classification": "spark-env",
            "Properties": {},
            "Configurations": [
                {"Classification": "export", "Properties": environment, "Configurations": []}
            ],
        },
    ]


def spark_settings(region: str, cores: Cores) -> dict[str, str]:
    """One executor per node, which fills it. Parsing is done in Python, outside the Java heap, so
    two thirds of the memory are overhead. Spilled and sent data are encrypted.
    """
    memory = round(cores.memory * YARN_SHARE) - YARN_MASTER_MB
    if not cores.nodes:
        memory -= SINGLE_NODE_MB
    return ALWAYS | {
        "spark.executor.instances": str(max(1, cores.nodes)),
        "spark.executor.cores": str(cores.vcpus),
        "spark.executor.memory": f"{memory // 3}m",
        "spark.executor.memoryOverhead": f"{memory - memory // 3}m",
        "spark.driver.memory": "2g" if cores.nodes else "1g",
        "spark.dynamicAllocation.enabled": "false",
        "spark.executorEnv.AWS_DEFAULT_REGION": region,
    }
