"""The guide's way by hand, word for word: its blocks run by bash, with the real aws command."""

import os
import re
import subprocess

import boto3
import pytest

from aws_deployment import costs
from tests.deployment.conftest import CERTIFICATES, backend
from tests.support.targets import ROOT

GUIDE = (ROOT / "aws_deployment" / "START_HERE.md").read_text(encoding="utf-8")
ON_THE_MACHINE = ("git clone", "movie-recommendations/", "sudo ")  # carried out in site_machine/

AWS = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }'
"""Version 1 of the command does not look at the variable for RDS."""

DEPLOY = f"""bin/deploy() {{
  command python3 -c "import sys
from aws_deployment import deploy
from aws_deployment.emr import truststore
truststore.certificates = lambda _: '{CERTIFICATES}'
sys.exit(deploy.main(sys.argv[1:]))" "$@"
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
    (tmp_path / "aws_deployment").symlink_to(ROOT / "aws_deployment")
    data = tmp_path / "var" / "ml-latest-small"
    data.mkdir(parents=True)
    (data / "movies.csv").write_text("movieId,title,genres\n")

    def run(*texts):
        script = "\n".join(["set -euo pipefail", AWS, DEPLOY, *texts])
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
    assert emr.describe_cluster(ClusterId=running.id)["Cluster"]["AutoTerminate"] is True
    (submitted,) = emr.list_steps(ClusterId=running.id)["Steps"]
    (bucket,) = (one["Name"] for one in boto3.client("s3").list_buckets()["Buckets"])
    addresses = [word for word in submitted["Config"]["Args"] if word.startswith("s3://")]
    assert len(addresses) == 4
    for address in addresses:
        prefix = address.removeprefix(f"s3://{bucket}/")
        assert boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"]

    boto3.resource("s3").Bucket(bucket).object_versions.delete()
    by_hand(down)
    assert boto3.client("s3").list_buckets()["Buckets"] == []


def test_the_cost_tables_are_what_the_program_reckons(run_deploy):
    out = run_deploy("cost").out
    rows = re.findall(r"^\| (.+?) \| (.*?) ?\| ([\d.]+) \|$", section(2), re.M)
    assert len(rows) == len(costs.stays()) + len(costs.weeks())
    for what, how, dollars in rows:
        line = rf"^  {re.escape(what)} +{re.escape(how)} +\$ *{dollars}$"
        assert re.search(line, out, re.M), what
    forgotten = costs.weeks()[-1].dollars
    assert f"**A stack that you forget costs ${forgotten:.2f} a month.**" in section(2)
    assert costs.PRICES["date"] in section(2)
    paused = next(line.dollars for line in costs.weeks() if line.what == "paused")
    assert f"a week costs ${paused:.2f}" in section(6)
