"""The same job on EMR Serverless: no cluster to start, workers that come and go.

Its workers run no bootstrap action: packages and certificates travel as files of the job.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aws_deployment import logs, step
from aws_deployment.account import Account, DeployError
from aws_deployment.artifacts import Artifacts, node_requirements
from aws_deployment.package_job import ROOT
from aws_deployment.upload import is_there, upload_file
from aws_deployment.waiting import say, say_when, until

MINUTES = 120
PLATFORM, PYTHON_VERSION = "manylinux_2_28_x86_64", "3.11"
UNDER_WAY = ["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING"]
UNPROTECTED = ("macAlgorithm", "certProtectionAlgorithm")
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def run(
    account: Account,
    outputs: dict[str, str],
    artifacts: Artifacts,
    job: list[str],
    *,
    certificates: str | None = None,
) -> None:
    """Start the job, or find the one under way, and follow it to its end."""
    if "ServerlessApplication" not in outputs:
        raise DeployError("the stack has no EMR Serverless: run `bin/deploy up --serverless` first")
    application = outputs["ServerlessApplication"]
    emr = account.client("emr-serverless")
    under_way = emr.list_job_runs(applicationId=application, states=UNDER_WAY)["jobRuns"]
    if under_way:
        run_id = under_way[0]["id"]
        say(f"job {run_id} is under way: following it instead of starting another")
    else:
        files = _upload_files(account, outputs["Bucket"], artifacts.revision, certificates)
        request = _request(account, outputs, artifacts, files, job)
        run_id = emr.start_job_run(**request)["jobRunId"]
        say(f"started job {run_id} on EMR Serverless")
    _follow(account, application, run_id, outputs["Bucket"])


def _request(
    account: Account,
    outputs: dict[str, str],
    artifacts: Artifacts,
    files: dict[str, str],
    job: list[str],
) -> dict[str, Any]:
    bucket = outputs["Bucket"]
    address = step.database_address(outputs, f"file:{Path(files['truststore']).name}")
    secret = f"secretsmanager:{outputs['DatabaseSecret']}"
    return {
        "name": f"{account.stack}-job",
        "applicationId": outputs["ServerlessApplication"],
        "executionRoleArn": outputs["ServerlessRole"],
        "executionTimeoutMinutes": MINUTES,
        "jobDriver": {
            "sparkSubmit": {
                "entryPoint": artifacts.entry_point,
                "entryPointArguments": ["--database", address, "--db-secret", secret, *job],
                "sparkSubmitParameters": " ".join(_submit_options(account, artifacts, files)),
            }
        },
        "configurationOverrides": {
            "monitoringConfiguration": {
                "s3MonitoringConfiguration": {"logUri": f"s3://{bucket}/logs/serverless/"}
            }
        },
        "tags": {tag["Key"]: tag["Value"] for tag in account.tags},
    }


def _submit_options(account: Account, artifacts: Artifacts, files: dict[str, str]) -> list[str]:
    environment = {
        "PYSPARK_PYTHON": step.PYTHON,
        "PYTHONPATH": "./packages",
        "AWS_DEFAULT_REGION": account.region,
    }
    settings = {"spark.speculation": "false", "spark.dynamicAllocation.maxExecutors": "2"}
    for name, value in environment.items():
        settings[f"spark.emr-serverless.driverEnv.{name}"] = value
        settings[f"spark.executorEnv.{name}"] = value
    return [
        f"--py-files {artifacts.package} --jars {artifacts.driver}",
        f"--archives {files['packages']}#packages --files {files['truststore']}",
        *(f"--conf {name}={value}" for name, value in settings.items()),
    ]


def _upload_files(
    account: Account, bucket: str, revision: str, certificates: str | None
) -> dict[str, str]:
    """Packages and truststore into the bucket. Returns their addresses."""
    client = account.client("s3")
    source = certificates or step.CERTIFICATES.format(region=account.region)
    truststore = f"jobs/{revision}/{Path(step.TRUSTSTORE).name}"
    with tempfile.TemporaryDirectory() as folder:
        upload_file(client, bucket, truststore, _make_truststore(Path(folder), source))
        packages = _upload_packages(client, bucket, Path(folder))
    return {"packages": f"s3://{bucket}/{packages}", "truststore": f"s3://{bucket}/{truststore}"}


def _upload_packages(client: Any, bucket: str, folder: Path) -> str:
    """The Python packages for the machines of AWS, whatever machine this is. Returns the key."""
    wanted = [*node_requirements(), PLATFORM, PYTHON_VERSION]
    key = f"jobs/packages-{hashlib.sha256(repr(wanted).encode()).hexdigest()[:12]}.tar.gz"
    if not is_there(client, bucket, key):
        say("packing the Python packages (once, some minutes)")
        upload_file(client, bucket, key, _pack_packages(folder))
    return key


def _pack_packages(folder: Path) -> Path:
    target, archive = folder / "packages", folder / "packages.tar.gz"
    _call(
        [sys.executable, "-m", "pip", "install", "--quiet", "--target", target,
         "--platform", PLATFORM, "--python-version", PYTHON_VERSION, "--only-binary=:all:",
         "--constraint", ROOT / "requirements.txt", *node_requirements()]
    )  # fmt: skip
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        tar.add(target, arcname=".")
    return archive


def _make_truststore(folder: Path, source: str) -> Path:
    """The PEM bundle as Java reads it: PKCS12 without a password. keytool takes one certificate
    at a time.
    """
    with urllib.request.urlopen(source) as answer:  # noqa: S310
        bundle = answer.read().decode()
    truststore = folder / Path(step.TRUSTSTORE).name
    for number, part in enumerate(bundle.split(BEGIN)[1:]):
        pem = folder / f"{number}.pem"
        pem.write_text(BEGIN + part.split(END)[0] + END + "\n")
        _call(
            ["keytool", *(f"-J-Dkeystore.pkcs12.{name}=NONE" for name in UNPROTECTED),
             "-importcert", "-noprompt", "-alias", str(number), "-file", pem,
             "-keystore", truststore, "-storetype", "PKCS12", "-storepass", "unused"]
        )  # fmt: skip
    return truststore


def _call(command: list[Any]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DeployError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-500:]}")


def _follow(account: Account, application: str, run_id: str, bucket: str) -> None:
    run = until(_watch(account, application, run_id), what="the job", minutes=MINUTES + 10)
    if run["state"] != "SUCCESS":
        prefix = f"logs/serverless/applications/{application}/jobs/{run_id}/SPARK_DRIVER/"
        shown = "".join(f"\n  {line}" for line in logs.lines_that_matter(account, bucket, prefix))
        raise DeployError(
            f"the job {run_id} is {run['state']}: {run.get('stateDetails')}. The site goes on "
            f"serving the former run. From the log:{shown}"
        )


def _watch(account: Account, application: str, run_id: str) -> Callable[[], Any]:
    emr = account.client("emr-serverless")
    said = ""

    def look() -> dict[str, Any] | None:
        nonlocal said
        run = emr.get_job_run(applicationId=application, jobRunId=run_id)["jobRun"]
        if run["state"] != said:
            said = run["state"]
            say_when(f"job {said}")
        return run if said not in (*UNDER_WAY, "CANCELLING") else None

    return look


def stop(account: Account, stack: dict[str, Any]) -> None:
    """End what is under way and stop the application: only then can it be deleted."""
    values = {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}
    application = values.get("ServerlessApplication")
    if not application:
        return
    emr = account.client("emr-serverless")
    for found in emr.list_job_runs(applicationId=application, states=UNDER_WAY)["jobRuns"]:
        emr.cancel_job_run(applicationId=application, jobRunId=found["id"])
    emr.stop_application(applicationId=application)
    until(lambda: _has_stopped(emr, application), what="EMR Serverless to stop", minutes=10)


def _has_stopped(emr: Any, application: str) -> bool | None:
    state = emr.get_application(applicationId=application)["application"]["state"]
    return True if state in ("STOPPED", "CREATED", "TERMINATED") else None
