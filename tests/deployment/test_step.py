"""The step that `run` submits, carried out: its arguments, settings, zip, driver and bootstrap.

moto keeps what EMR was asked for; here spark-submit does it, on two workers, with s3:// served
by S3A and the database behind TLS.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import boto3
import pytest

from aws_deployment import upload, versions
from aws_deployment.emr import artifacts, cluster, request, step
from tests.deployment.database import make_authority, mariadb_with_tls
from tests.support.processes import command_line, descendants
from tests.support.targets import ROOT, MariaDBTarget, manage

PASSWORD = "planted-Pa55word$&"
BUCKET = "recsys-step"
S3A = (
    "org.apache.hadoop:hadoop-aws:3.4.1,software.amazon.awssdk:s3:2.24.9,"
    "software.amazon.awssdk:s3-transfer-manager:2.24.9,software.amazon.awssdk:sts:2.24.9"
)
OF_SPARK_ALREADY = (
    "software.amazon.awssdk:bundle,software.amazon.awssdk.crt:aws-crt,"
    "org.apache.hadoop:hadoop-client-api"
)


@pytest.fixture(scope="module")
def s3a_jars():
    """Hadoop's client for S3, which EMR has of its own; fetched once by Spark's resolver."""
    ivy = ROOT / "var" / "ivy-s3a"
    if not (ivy / "jars").exists():
        subprocess.run(
            ["spark-submit", "--conf", f"spark.jars.ivy={ivy}", "--packages", S3A,
             "--exclude-packages", OF_SPARK_ALREADY, os.devnull],
            check=False, capture_output=True,
        )  # fmt: skip
    assert len(list((ivy / "jars").glob("*.jar"))) > 10
    return f"{ivy / 'jars'}/*"


@pytest.fixture(scope="module")
def authorities(tmp_path_factory):
    folder = tmp_path_factory.mktemp("authorities")
    return {name: make_authority(folder, name) for name in ("right", "wrong")}


@pytest.fixture(scope="module")
def database(tmp_path_factory, authorities):
    folder = tmp_path_factory.mktemp("database")
    with mariadb_with_tls(folder, authorities["right"]) as server:
        server.create_schema("recsys")
        server.execute(
            f"CREATE USER recsys IDENTIFIED BY '{PASSWORD.replace(chr(39), chr(39) * 2)}'"
        )
        server.execute("GRANT ALL ON recsys.* TO recsys")
        server.execute("CREATE USER migrator IDENTIFIED BY ''")
        server.execute("GRANT ALL ON *.* TO migrator")
        target = MariaDBTarget(server, "recsys")
        manage(Migrator(target), "migrate", "--verbosity", "0")
        server.execute("ALTER USER recsys REQUIRE SSL")
        yield target


class Migrator:
    """The target as a user who needs no TLS."""

    def __init__(self, target):
        self.environment = target.environment | {"DB_USER": "migrator", "DB_PASSWORD": ""}


@pytest.fixture(scope="module")
def input_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "ml-test"
    folder.mkdir()
    (folder / "movies.csv").write_text(
        "movieId,title,genres\n1,Heat (1995),Crime\n2,Ran (1985),War\n"
    )
    rows = [f"{user},{movie},4.0,{user}" for user in range(1, 60) for movie in (1, 2)]
    (folder / "ratings.csv").write_text("\n".join(["userId,movieId,rating,timestamp", *rows, ""]))
    return folder


@pytest.fixture
def outputs(cloud, database):
    """What the stack would say of the bucket, the database and the secret."""
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    secret = json.dumps({"username": "recsys", "password": PASSWORD})
    made = boto3.client("secretsmanager").create_secret(Name="recsys/db", SecretString=secret)
    ec2 = boto3.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    return {
        "Bucket": BUCKET,
        "DatabaseHost": "localhost",
        "DatabasePort": str(database.server.port),
        "DatabaseName": "recsys",
        "DatabaseSecret": made["ARN"],
        "EmrServiceRole": "service",
        "EmrProfile": "nodes",
        "SecurityConfiguration": "encrypted",
        "Subnet": subnet["SubnetId"],
        "PrimarySecurityGroup": "",
        "CoreSecurityGroup": "",
    }


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    """Where the bootstrap makes it: once for all tests."""
    return str(tmp_path_factory.mktemp("opt") / "recsys-job")


@pytest.fixture
def node(tmp_path, monkeypatch, venv):
    """A machine like a node of EMR: its Python is ours, and sudo is there and not needed."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, command in {"python3.11": f"{sys.executable} ", "sudo": ""}.items():
        (programs / name).write_text(f'#!/bin/sh\nexec {command}"$@"\n')
        (programs / name).chmod(0o755)
    path = f"{programs}:{os.environ['JAVA_HOME']}/bin:{os.environ['PATH']}"
    monkeypatch.setattr(step, "VENV", venv)
    monkeypatch.setattr(step, "TRUSTSTORE", str(tmp_path / "etc" / "rds-truststore.p12"))
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    return tmp_path


def submit(account, outputs, folder, certificates):
    """Bring everything to S3 and ask EMR for the cluster. Returns what moto was asked."""
    address = upload.upload_data(account, BUCKET, folder)
    made = artifacts.upload_artifacts(account, BUCKET, certificates.as_uri())
    shape = request.Shape(versions.RELEASE.label, cluster.INSTANCE_TYPE, 2)
    data = address.rpartition("/")[2]
    password = f"secretsmanager:{outputs['DatabaseSecret']}"
    told = step.job_words(outputs, password, data, ["--min-ratings", "1"])
    started = cluster.start(account, outputs, made, shape, told)
    emr = boto3.client("emr")
    described = emr.describe_cluster(ClusterId=started.cluster)["Cluster"]
    (bootstrap,) = emr.list_bootstrap_actions(ClusterId=started.cluster)["BootstrapActions"]
    (submitted,) = emr.list_steps(ClusterId=started.cluster)["Steps"]
    return described["Configurations"], bootstrap, submitted["Config"]["Args"]


def node_python():
    return f"{step.VENV}/bin/python"


def fetch(address, folder):
    bucket, _, key = address.removeprefix("s3://").partition("/")
    path = folder / Path(key).name
    boto3.client("s3").download_file(bucket, key, str(path))
    return path


def run_bootstrap(bootstrap, folder):
    script = fetch(bootstrap["ScriptPath"], folder)
    subprocess.run(["bash", script, *bootstrap["Args"]], check=True, capture_output=True)


def write_configuration(configurations, folder, endpoint):
    """The classifications as the files that EMR makes of them, and what EMR would add."""
    folder.mkdir()
    defaults, environment = configurations
    settings = defaults["Properties"] | {
        # Executors as large as asked for, on two workers with a core each to spare.
        "spark.master": "local-cluster[2,2,6144]",
        "spark.ui.enabled": "false",
        "spark.authenticate.secret": "yarn-makes-one",
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": endpoint,
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
    }
    lines = [f"{name} {value}" for name, value in settings.items()]
    (folder / "spark-defaults.conf").write_text("\n".join(lines))
    exports = environment["Configurations"][0]["Properties"]
    (folder / "spark-env.sh").write_text(
        "".join(f"export {name}={value}\n" for name, value in exports.items())
    )
    shutil.copy(ROOT / "spark_jobs/conf/log4j2.properties", folder)


def carry_out(arguments, folder, jars, seen):
    """Run the step; the command lines of all its processes go into `seen`."""
    environment = {name: value for name, value in os.environ.items() if "DB_" not in name}
    process = subprocess.Popen(
        arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment | {"SPARK_CONF_DIR": str(folder / "conf"), "SPARK_DIST_CLASSPATH": jars},
    )  # fmt: skip
    watcher = threading.Thread(target=watch, args=(process, seen))
    watcher.start()
    out, _ = process.communicate(timeout=300)
    watcher.join()
    return process.returncode, out


def watch(process, seen):
    while process.poll() is None:
        for pid in [process.pid, *descendants(process.pid)]:
            with suppress(OSError):
                seen.add(command_line(pid))
        time.sleep(0.2)


def test_the_submitted_step_publishes_over_verified_tls_and_shows_no_password(
    account, outputs, input_folder, node, authorities, database, s3a_jars, cloud
):
    submitted = submit(account, outputs, input_folder, authorities["right"])
    configurations, bootstrap, arguments = submitted
    run_bootstrap(bootstrap, node)
    write_configuration(configurations, node / "conf", cloud)
    seen: set[str] = set()
    status, out = carry_out(arguments, node, s3a_jars, seen)
    assert status == 0, out[-3000:]
    assert database.rows("SELECT status, ratings_accepted, input, encrypted FROM app_run") == [
        ("current", 118, f"s3://{BUCKET}/data/ml-test", 1)
    ]
    assert "encrypted (TLS_" in out
    # The system's Python stays as it is: all that the job needs is in an environment of its own.
    assert any(line.startswith(f"{node_python()} ") for line in seen)
    assert any("CoarseGrainedExecutorBackend" in line for line in seen)
    assert PASSWORD not in out + json.dumps(submitted, default=str) + "".join(seen)


def test_a_server_that_another_authority_vouches_for_gets_no_password(
    account, outputs, input_folder, node, authorities, s3a_jars, cloud
):
    configurations, bootstrap, arguments = submit(
        account, outputs, input_folder, authorities["wrong"]
    )
    run_bootstrap(bootstrap, node)
    write_configuration(configurations, node / "conf", cloud)
    status, out = carry_out(arguments, node, s3a_jars, set())
    assert status == 1
    assert "the server's certificate is for another host, or its authority is not" in out
    assert PASSWORD not in out
