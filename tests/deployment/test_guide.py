"""The guide's way by hand, word for word: its blocks run by bash, with the real aws command."""

import os
import re
import shutil
import subprocess

import boto3
import pytest

from aws_deployment.emr import cluster, step
from aws_deployment.emr.artifacts import driver_jar, node_requirements
from tests.deployment.conftest import CERTIFICATES, backend
from tests.support.targets import ROOT

GUIDE = (ROOT / "aws_deployment" / "START_HERE.md").read_text(encoding="utf-8")
ON_THE_MACHINE = ("git clone", "movie-recommendations/")  # carried out in test_machine.py

AWS = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }'
"""Version 1 of the command does not look at the variable for RDS."""

TRUSTSTORE = f"""python3() {{
  [ "$2" != aws_deployment.truststore ] || set -- -c "from pathlib import Path
from aws_deployment import truststore
truststore.make('{CERTIFICATES}', Path('$4'))"
  command python3 "$@"
}}"""
"""The certificates of RDS are not to be had here."""


def section(number):
    return re.split(r"^## ", GUIDE, flags=re.MULTILINE)[number]


def blocks(text):
    found = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [block for block in found if not block.startswith(ON_THE_MACHINE)]


@pytest.fixture
def by_hand(cloud, tmp_path):
    """Runs blocks in a folder that looks like a checkout."""
    for name in ("aws_deployment", "spark_jobs", "requirements.txt"):
        (tmp_path / name).symlink_to(ROOT / name)
    data = tmp_path / "var" / "ml-latest-small"
    data.mkdir(parents=True)
    (data / "movies.csv").write_text("movieId,title,genres\n")
    shutil.copy(driver_jar(), tmp_path / "mysql-connector-j-9.7.0.jar")

    def run(*texts):
        script = "\n".join(["set -euo pipefail", AWS, TRUSTSTORE, *texts])
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_by_hand_everything_comes_about_that_the_program_makes(by_hand):
    *up_and_run, down = blocks(section(9))
    out = by_hand(*up_and_run)
    assert "DatabaseSecret" in out
    (running,) = backend("emr").clusters.values()
    emr = boto3.client("emr")
    described = emr.describe_cluster(ClusterId=running.id)["Cluster"]
    assert described["Name"] == "recsys-job"
    assert described["ReleaseLabel"] == cluster.RELEASE
    assert described["AutoTerminate"] is True
    (submitted,) = emr.list_steps(ClusterId=running.id)["Steps"]
    assert submitted["ActionOnFailure"] == "TERMINATE_CLUSTER"
    bucket = by_hand(blocks(section(9))[1], 'echo "$bucket"').split()[-1]
    for address in (word for word in submitted["Config"]["Args"] if word.startswith("s3://")):
        prefix = address.removeprefix(f"s3://{bucket}/")
        assert boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"]
    (bootstrap,) = emr.list_bootstrap_actions(ClusterId=running.id)["BootstrapActions"]
    assert bootstrap["Args"][0].endswith("/rds-truststore.p12")
    assert bootstrap["Args"][1] == step.TRUSTSTORE
    assert sorted(bootstrap["Args"][2:]) == sorted(node_requirements())
    assert_names_the_database(submitted["Config"]["Args"])

    boto3.resource("s3").Bucket(bucket).object_versions.delete()
    by_hand(down)
    assert boto3.client("s3").list_buckets()["Buckets"] == []


def assert_names_the_database(words):
    (stack,) = boto3.client("cloudformation").describe_stacks()["Stacks"]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    wanted = step.database_address(outputs)
    assert words[words.index("--database") + 1] == wanted
    assert words[words.index("--db-secret") + 1] == f"secretsmanager:{outputs['DatabaseSecret']}"


def test_an_rds_backup_is_restored_under_the_old_name(by_hand, run_deploy):
    assert run_deploy("up", "--yes").status == 0
    rds = boto3.client("rds")
    (before,) = rds.describe_db_instances()["DBInstances"]
    name = before["DBInstanceIdentifier"]
    (block,) = (block for block in blocks(section(7)) if block.startswith("aws rds"))
    subnets = before["DBSubnetGroup"]["DBSubnetGroupName"]
    parameters = before["DBParameterGroups"][0]["DBParameterGroupName"]
    values = {"INSTANCE": name, "SUBNETS": subnets, "GROUP": "sg-1", "PARAMETERS": parameters}
    look, rename, *restore = re.sub(
        "|".join(values), lambda found: values[found[0]], block
    ).splitlines()
    by_hand(look, rename)
    backend("rds").database_snapshots.clear()  # moto's would have the same name, by the minute
    by_hand(*restore)
    names = {one["DBInstanceIdentifier"] for one in rds.describe_db_instances()["DBInstances"]}
    assert names == {name, f"{name}-broken"}


def test_the_cost_table_is_what_the_program_reckons(run_deploy):
    out = run_deploy("cost").out
    rows = re.findall(r"^\| (.+?) \| (.*?) \| ([\d.]+) \|$", section(2), re.M)
    assert len(rows) == 8
    for what, how, dollars in rows:
        assert re.search(rf"^  {re.escape(what)} +{re.escape(how)} +\$ *{dollars}$", out, re.M), (
            what
        )
    total = re.search(r"\*\*a week\*\* \| \| \*\*([\d.]+)\*\*", section(2))
    assert total and f"$  {total[1]}\n" in out
    assert re.search(r"prices of\n?\s*(\S+),", section(2))[1] in out
