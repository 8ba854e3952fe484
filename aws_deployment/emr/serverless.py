"""The same job on EMR Serverless: no cluster to start, workers that come and go.

Its workers run no bootstrap action: packages and certificates travel as files of the job.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_deployment import ROOT
from aws_deployment.account import Account
from aws_deployment.emr import logs, step
from aws_deployment.emr.artifacts import Artifacts, node_requirements
from aws_deployment.errors import DeployError
from aws_deployment.upload import is_there, upload_file
from aws_deployment.waiting import once, say, until

MINUTES = 120
PLATFORM, PYTHON_VERSION = "manylinux_2_28_x86_64", "3.11"
UNDER_WAY = ["SUBMITTED", "PENDING", "SCHEDULED", "QUEUED", "RUNNING", "CANCELLING"]


@dataclass(frozen=True)
class Started:
    """A job on the stack's application."""

    application: str
    job: str


def unfinished(account: Account, outputs: dict[str, str]) -> Started | None:
    """A job that is under way. DeployError where the stack was made without the application."""
    if "ServerlessApplication" not in outputs:
        raise DeployError("the stack has no EMR Serverless: run `bin/deploy up --serverless` first")
    application = outputs["ServerlessApplication"]
    jobs = _under_way(account.client("emr-serverless"), application)
    return Started(application, jobs[0]) if jobs else None


def start(
    account: Account, outputs: dict[str, str], artifacts: Artifacts, job: list[str]
) -> Started:
    packages = _upload_packages(account.client("s3"), outputs["Bucket"])
    request = _request(account, outputs, artifacts, packages, job)
    run_id = account.client("emr-serverless").start_job_run(**request)["jobRunId"]
    say(f"started job {run_id} on EMR Serverless")
    return Started(outputs["ServerlessApplication"], run_id)


def follow(account: Account, started: Started, bucket: str) -> None:
    """Say what happens until the job has ended. DeployError with its reason if it failed."""
    emr, tell = account.client("emr-serverless"), once()

    def look() -> dict[str, Any] | None:
        run = emr.get_job_run(applicationId=started.application, jobRunId=started.job)["jobRun"]
        tell(f"job {run['state']}")
        return run if run["state"] not in UNDER_WAY else None

    run = until(look, what="the job", minutes=MINUTES + 10)
    if run["state"] != "SUCCESS":
        prefix = f"logs/serverless/applications/{started.application}/jobs/{started.job}/"
        lines = logs.lines_that_matter(account, bucket, f"{prefix}SPARK_DRIVER/")
        shown = "".join(f"\n  {line}" for line in lines)
        raise DeployError(
            f"the job {started.job} is {run['state']}: {run.get('stateDetails')}. The site goes on "
            f"serving the previous run. From the log:{shown}\nAll of it: s3://{bucket}/{prefix}"
        )


def _under_way(emr: Any, application: str) -> list[str]:
    found = emr.list_job_runs(applicationId=application, states=UNDER_WAY)["jobRuns"]
    return [job["id"] for job in found]


def _request(
    account: Account,
    outputs: dict[str, str],
    artifacts: Artifacts,
    packages: str,
    job: list[str],
) -> dict[str, Any]:
    truststore = f"file:{Path(artifacts.truststore).name}"
    log_uri = f"s3://{outputs['Bucket']}/logs/serverless/"
    return {
        "name": f"{account.stack}-job",
        "applicationId": outputs["ServerlessApplication"],
        "executionRoleArn": outputs["ServerlessRole"],
        "executionTimeoutMinutes": MINUTES,
        "jobDriver": {
            "sparkSubmit": {
                "entryPoint": artifacts.entry_point,
                "entryPointArguments": [*step.database_arguments(outputs, truststore), *job],
                "sparkSubmitParameters": " ".join(_submit_options(account, artifacts, packages)),
            }
        },
        "configurationOverrides": {
            "monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": log_uri}}
        },
        "tags": {tag["Key"]: tag["Value"] for tag in account.tags},
    }


def _submit_options(account: Account, artifacts: Artifacts, packages: str) -> list[str]:
    environment = {
        "PYSPARK_PYTHON": step.PYTHON,
        "PYTHONPATH": "./packages",
        "AWS_DEFAULT_REGION": account.region,
    }
    settings = step.ALWAYS | {"spark.dynamicAllocation.maxExecutors": "2"}
    for name, value in environment.items():
        settings[f"spark.emr-serverless.driverEnv.{name}"] = value
        settings[f"spark.executorEnv.{name}"] = value
    return [
        f"--py-files {artifacts.package} --jars {artifacts.driver}",
        f"--archives {packages}#packages --files {artifacts.truststore}",
        *(f"--conf {name}={value}" for name, value in settings.items()),
    ]


def _upload_packages(client: Any, bucket: str) -> str:
    """The Python packages for the machines of AWS, whatever machine this is. Their address."""
    wanted = [*node_requirements(), PLATFORM, PYTHON_VERSION]
    key = f"jobs/packages-{hashlib.sha256(repr(wanted).encode()).hexdigest()[:12]}.tar.gz"
    if not is_there(client, bucket, key):
        say("packing the Python packages (once, some minutes)")
        with tempfile.TemporaryDirectory() as folder:
            upload_file(client, bucket, key, _pack_packages(Path(folder)))
    return f"s3://{bucket}/{key}"


def _pack_packages(folder: Path) -> Path:
    target, archive = folder / "packages", folder / "packages.tar.gz"
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--target", target,
         "--platform", PLATFORM, "--python-version", PYTHON_VERSION, "--only-binary=:all:",
         "--constraint", ROOT / "requirements.txt", *node_requirements()],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise DeployError(f"pip cannot fetch the packages: {done.stderr.strip()[-500:]}")
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(target, arcname=".")
    return archive


def stop(account: Account, application: str) -> None:
    """End what is under way and stop the application: only then can it be deleted."""
    emr = account.client("emr-serverless")
    for job in _under_way(emr, application):
        emr.cancel_job_run(applicationId=application, jobRunId=job)
    until(
        lambda: None if _under_way(emr, application) else True,
        what="the end of the serverless job", minutes=10,
    )  # fmt: skip
    if emr.get_application(applicationId=application)["application"]["state"] == "STARTED":
        emr.stop_application(applicationId=application)
    until(lambda: _has_stopped(emr, application), what="EMR Serverless to stop", minutes=10)


def _has_stopped(emr: Any, application: str) -> bool | None:
    state = emr.get_application(applicationId=application)["application"]["state"]
    return True if state in ("STOPPED", "CREATED", "TERMINATED") else None
